import { expectTypeOf, test } from 'vitest';
import type { LogRecord, RecordFields, RecordOf } from '../../src/record/index.js';

test('a record is known by its event, and other keys may be asked for', () => {
  expectTypeOf<RecordOf<'log_gap'>['lost']>().toEqualTypeOf<number>();
  expectTypeOf<RecordOf<'event_published'>['causation_id']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<RecordOf<'event_handler_error'>['will_retry']>().toEqualTypeOf<boolean>();
  expectTypeOf<LogRecord['level']>().toEqualTypeOf<'debug' | 'info' | 'warn' | 'error'>();
  expectTypeOf<LogRecord['from_the_future']>().toEqualTypeOf<unknown>();
});

test('a writer must give every key of its kind, and no other', () => {
  expectTypeOf<{ lost: number }>().toExtend<RecordFields<'log_gap'>>();
  expectTypeOf<Record<never, never>>().not.toExtend<RecordFields<'log_gap'>>();
  expectTypeOf<keyof RecordFields<'control_changed'>>().toEqualTypeOf<'action' | 'target' | 'by'>();
});
