import { CfBusError, safe, systemErrorCode } from '../../kernel/index.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ELOOP: 'its symbolic links go round in a circle',
  Z_DATA_ERROR: 'it is damaged gzip',
};

/** The error for a file that cannot be read, naming it and saying why in words. */
export function unreadable(path: string, error: unknown, reason?: string): CfBusError {
  const code = systemErrorCode(error);
  const why = reason ?? (code === undefined ? undefined : REASONS[code]) ?? code ?? String(error);
  return new CfBusError('FILE_UNREADABLE', `cannot read ${safe(path)}: ${why}`, { cause: error });
}
