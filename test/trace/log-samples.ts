/**
 * Lines as other loggers write them, and what they say. Where a logger could be run (winston, bunyan, pino,
 * @elastic/ecs-pino-format, structlog, python-json-logger), the lines are its own, with the id, the host and the stacks
 * shortened; the others are written by hand after the documentation that `about` names.
 */
export interface LogSample {
  /** The dialect that recognises it. */
  readonly dialect: string;
  /** What wrote it, or after which documentation it is written. */
  readonly about: string;
  /** Its id is `req-7`. */
  readonly line: string;
  /** Part of the entry that comes of it. */
  readonly said: object;
}

const at = (text: string) => Date.parse(text);

export const LOG_SAMPLES: readonly LogSample[] = [
  {
    dialect: 'JSON',
    about: 'winston 3.19, format.json(): no time unless asked for',
    line: '{"level":"info","message":"hello","requestId":"req-7"}',
    said: { time: undefined, level: 'info', message: 'hello', fields: {} },
  },
  {
    dialect: 'winston',
    about: 'winston 3.19, format.errors({stack}), format.timestamp(), defaultMeta',
    line: '{"level":"error","message":"failed boom2","requestId":"req-7","service":"user-service","stack":"Error: boom2\\n    at main.cjs:6:241","timestamp":"2026-11-23T16:17:24.619Z"}',
    said: {
      time: at('2026-11-23T16:17:24.619Z'),
      level: 'error',
      service: 'user-service',
      message: 'failed boom2',
      error: 'Error: boom2',
      fields: {},
    },
  },
  {
    dialect: 'winston',
    about: 'winston 3.19, startTimer().done()',
    line: '{"durationMs":12,"level":"info","message":"timed","requestId":"req-7","timestamp":"2026-11-23T16:17:24.620Z"}',
    said: { message: 'timed', durationMs: 12 },
  },
  {
    dialect: 'winston',
    about: 'winston 3.19, format.label(), format.ms(), a pattern for the time',
    line: '{"label":"api","level":"verbose","message":"v","ms":"+0ms","requestId":"req-7","timestamp":"2026-11-23 16:18:52"}',
    said: { time: at('2026-11-23T16:18:52Z'), level: 'trace', service: 'api', fields: { ms: '+0ms' } },
  },
  {
    dialect: 'winston',
    about: 'winston 3.19, format.colorize()',
    line: '{"level":"\\u001b[32minfo\\u001b[39m","message":"col","requestId":"req-7","timestamp":"2026-11-23T16:17:24.643Z"}',
    said: { level: 'info', message: 'col' },
  },
  {
    dialect: 'winston',
    about: 'winston 3.19, format.logstash()',
    line: '{"@fields":{"level":"info","requestId":"req-7"},"@message":"ls","@timestamp":"2026-11-23T16:17:24.642Z"}',
    said: { time: at('2026-11-23T16:17:24.642Z'), level: 'info', message: 'ls', fields: {} },
  },
  {
    dialect: 'JSON',
    about: 'winston 3.19, levels of syslog',
    line: '{"level":"crit","message":"critical","requestId":"req-7"}',
    said: { level: 'fatal', message: 'critical' },
  },
  {
    dialect: 'bunyan',
    about: 'bunyan 2.0',
    line: '{"name":"myapp","hostname":"web-1","pid":32596,"level":40,"req_id":"req-7","msg":"slow","time":"2026-11-23T16:17:24.670Z","v":0}',
    said: { time: at('2026-11-23T16:17:24.670Z'), level: 'warn', service: 'myapp', message: 'slow' },
  },
  {
    dialect: 'bunyan',
    about: 'bunyan 2.0, stdSerializers, a child for a component',
    line: '{"name":"myapp","hostname":"web-1","pid":32596,"component":"db","level":60,"err":{"message":"y","name":"TypeError","stack":"TypeError: y\\n    at main.cjs:11"},"req_id":"req-7","msg":"dead","time":"2026-11-23T16:17:24.670Z","v":0}',
    said: { level: 'fatal', service: 'db', message: 'dead', error: 'TypeError: y' },
  },
  {
    dialect: 'pino',
    about: 'pino 10.4',
    line: '{"level":30,"time":1795450644685,"pid":32596,"hostname":"web-1","reqId":"req-7","msg":"hi"}',
    said: { time: 1795450644685, level: 'info', message: 'hi', fields: { pid: 32596, hostname: 'web-1' } },
  },
  {
    dialect: 'pino',
    about: 'pino 10.4, isoTime and levels as words',
    line: '{"level":"error","time":"2026-11-23T16:17:24.704Z","pid":32596,"hostname":"web-1","name":"api","reqId":"req-7","err":{"type":"Error","message":"boom","stack":"Error: boom\\n    at main.cjs:12"},"msg":"boom"}',
    said: { time: at('2026-11-23T16:17:24.704Z'), level: 'error', service: 'api', error: 'Error: boom' },
  },
  {
    dialect: 'pino',
    about: 'pino 10.4, unixTime, messageKey and errorKey',
    line: '{"level":50,"time":1795450645,"pid":32596,"hostname":"web-1","reqId":"req-7","error":{"type":"Error","message":"e","stack":"Error: e"},"message":"q"}',
    said: { time: 1795450645000, level: 'error', message: 'q', error: 'Error: e' },
  },
  {
    dialect: 'pino',
    about: 'pino 10.4, isoTimeNano',
    line: '{"level":30,"time":"2026-11-23T16:17:24.710807003Z","pid":32596,"hostname":"web-1","req":{"id":"req-7"},"msg":"nano"}',
    said: { time: at('2026-11-23T16:17:24.710Z') + 0.807, message: 'nano' },
  },
  {
    dialect: 'JSON',
    about: 'pino 10.4, without time and base, under a nestedKey',
    line: '{"level":30,"payload":{"reqId":"req-7"},"msg":"nested"}',
    said: { time: undefined, level: 'info', message: 'nested' },
  },
  {
    dialect: 'structlog',
    about: 'structlog 26.1, TimeStamper(fmt="iso")',
    line: '{"request_id": "req-7", "event": "user logged in", "level": "info", "timestamp": "2026-11-23T16:17:47.190167Z"}',
    said: { time: at('2026-11-23T16:17:47.190Z') + 0.167, level: 'info', message: 'user logged in', fields: {} },
  },
  {
    dialect: 'structlog',
    about: 'structlog 26.1, format_exc_info',
    line: '{"trace_id": "req-7", "event": "failed", "level": "error", "timestamp": "2026-11-23T16:17:47.190252Z", "exception": "Traceback (most recent call last):\\n  File \\"s.py\\", line 6, in <module>\\n    try: 1/0\\n         ~^~\\nZeroDivisionError: division by zero"}',
    said: { level: 'error', message: 'failed', error: 'ZeroDivisionError: division by zero' },
  },
  {
    dialect: 'structlog',
    about: 'structlog 26.1, dict_tracebacks, raised from another',
    line: '{"trace_id": "req-7", "event": "failed", "level": "error", "timestamp": "2026-11-23T16:17:47.190666Z", "exception": [{"exc_type": "RuntimeError", "exc_value": "no cart", "exc_notes": [], "syntax_error": null, "is_cause": false, "frames": []}, {"exc_type": "KeyError", "exc_value": "cart", "exc_notes": [], "syntax_error": null, "is_cause": true, "frames": []}]}',
    said: { error: 'RuntimeError: no cart' },
  },
  {
    dialect: 'JSON',
    about: 'structlog 26.1, TimeStamper() and EventRenamer("msg")',
    line: '{"trace_id": "req-7", "level": "warning", "timestamp": 1795450667.1909087, "msg": "w"}',
    said: { time: 1795450667190.909, level: 'warn', message: 'w' },
  },
  {
    dialect: 'structlog',
    about: 'structlog 26.1, a pattern and a key for the time',
    line: '{"trace_id": "req-7", "event": "c", "ts": "2026-11-23 16:17:47", "level": "critical", "func_name": "<module>", "lineno": 12}',
    said: { time: at('2026-11-23T16:17:47Z'), level: 'fatal', message: 'c' },
  },
  {
    dialect: 'structlog',
    about: 'structlog 26.1 on logging: add_logger_name, add_log_level_number',
    line: '{"trace_id": "req-7", "event": "std", "logger": "auth.views", "level": "info", "level_number": 20, "timestamp": "2026-11-23T16:17:47.191236Z"}',
    said: { service: 'auth.views', level: 'info', message: 'std' },
  },
  {
    dialect: 'JSON',
    about: 'structlog 26.1, JSONRenderer alone',
    line: '{"trace_id": "req-7", "event": "plain"}',
    said: { time: undefined, level: undefined, message: 'plain' },
  },
  {
    dialect: 'python logging',
    about: 'python-json-logger 4.2, with asctime, levelname and name',
    line: '{"asctime": "2026-11-23 16:17:47,198", "levelname": "WARNING", "name": "shop.cart", "message": "empty cart", "correlation_id": "req-7"}',
    said: { time: at('2026-11-23T16:17:47.198Z'), level: 'warn', service: 'shop.cart', message: 'empty cart' },
  },
  {
    dialect: 'python logging',
    about: 'python-json-logger 4.2, timestamp=True',
    line: '{"message": "ts", "levelname": "ERROR", "correlation_id": "req-7", "timestamp": "2026-11-23T16:17:47.198823+00:00"}',
    said: { time: at('2026-11-23T16:17:47.198Z') + 0.823, level: 'error', message: 'ts' },
  },
  {
    dialect: 'zerolog',
    about: 'python-json-logger 4.2, rename_fields: it looks as zerolog does',
    line: '{"level": "ERROR", "message": "boom", "time": "2026-11-23 16:17:47,198", "trace_id": "req-7", "exc_info": "Traceback (most recent call last):\\n  File \\"s.py\\", line 27, in <module>\\nZeroDivisionError: division by zero"}',
    said: { time: at('2026-11-23T16:17:47.198Z'), level: 'error', error: 'ZeroDivisionError: division by zero' },
  },
  {
    dialect: 'zap',
    about: 'zap, config.go and zapcore/encoder.go: NewProductionEncoderConfig (epoch seconds)',
    line: '{"level":"dpanic","ts":1578990857.105345,"logger":"server","caller":"main.go:22","msg":"lost","traceId":"req-7","error":"EOF","stacktrace":"main.main\\n\\t/src/main.go:22"}',
    said: { time: 1578990857105.345, level: 'fatal', service: 'server', message: 'lost', error: 'EOF' },
  },
  {
    dialect: 'zap',
    about: 'zap, zapcore/encoder.go: ISO8601TimeEncoder, CapitalLevelEncoder',
    line: '{"level":"WARN","ts":"2020-01-14T08:34:17.105+0100","caller":"main.go:22","msg":"slow","traceId":"req-7"}',
    said: { time: at('2020-01-14T07:34:17.105Z'), level: 'warn', message: 'slow' },
  },
  {
    dialect: 'zap',
    about: 'zap, zapcore/encoder.go: EpochMillisTimeEncoder',
    line: '{"level":"info","ts":1578990857105.345,"msg":"ms","traceId":"req-7"}',
    said: { time: 1578990857105.345 },
  },
  {
    dialect: 'zap',
    about: 'zap, zapcore/encoder.go: EpochNanosTimeEncoder',
    line: '{"level":"info","ts":1578990857105345000,"msg":"ns","traceId":"req-7"}',
    said: { time: 1578990857105.345 },
  },
  {
    dialect: 'JSON',
    about: 'zap, config.go: NewDevelopmentEncoderConfig in JSON',
    line: '{"L":"INFO","T":"2020-01-14T08:34:17.105Z","N":"server","C":"main.go:22","M":"up","traceId":"req-7"}',
    said: { time: at('2020-01-14T08:34:17.105Z'), level: 'info', service: 'server', message: 'up' },
  },
  {
    dialect: 'logrus',
    about: 'logrus, README and json_formatter.go',
    line: '{"animal":"walrus","level":"warning","msg":"A group","request_id":"req-7","time":"2024-03-10T19:57:38-04:00"}',
    said: { time: at('2024-03-10T23:57:38Z'), level: 'warn', message: 'A group', fields: { animal: 'walrus' } },
  },
  {
    dialect: 'logrus',
    about: 'logrus, json_formatter.go: ReportCaller, WithError, DataKey',
    line: '{"error":"EOF","fields":{"request_id":"req-7"},"file":"main.go:22","func":"main.main","level":"fatal","msg":"lost","time":"2024-03-10T19:57:38Z"}',
    said: { level: 'fatal', message: 'lost', error: 'EOF', fields: { file: 'main.go:22', func: 'main.main' } },
  },
  {
    dialect: 'JSON',
    about: 'logrus, json_formatter.go: the FieldMap of its example',
    line: '{"@level":"error","@message":"mapped","@timestamp":"2024-03-10T19:57:38Z","request_id":"req-7"}',
    said: { time: at('2024-03-10T19:57:38Z'), level: 'error', message: 'mapped' },
  },
  {
    dialect: 'slog',
    about: 'log/slog, JSONHandler, with AddSource and a level between two',
    line: '{"time":"2022-11-08T15:28:26.000000000-05:00","level":"ERROR+2","source":{"function":"main.main","file":"m.go","line":9},"msg":"oops","correlationID":"req-7"}',
    said: { time: at('2022-11-08T20:28:26Z'), level: 'error', message: 'oops' },
  },
  {
    dialect: 'slog',
    about: 'log/slog, JSONHandler, an error and a group',
    line: '{"time":"2023-05-06T13:24:00.476762195+02:00","level":"INFO","msg":"sent","request":{"request_id":"req-7","method":"GET"},"err":"EOF"}',
    said: { time: at('2023-05-06T11:24:00.476Z') + 0.762, level: 'info', message: 'sent', error: 'EOF' },
  },
  {
    dialect: 'zerolog',
    about: 'zerolog, README: TimeFormatUnix, a sub-logger',
    line: '{"level":"info","time":1494567715,"component":"mail","message":"sent","X-Request-Id":"req-7"}',
    said: { time: 1494567715000, level: 'info', service: 'mail', message: 'sent' },
  },
  {
    dialect: 'zerolog',
    about: 'zerolog, globals.go: RFC 3339, unless told otherwise',
    line: '{"level":"panic","error":"seems we have an error here","req_id":"req-7","time":"2024-03-10T19:57:38+01:00","message":"dead"}',
    said: { time: at('2024-03-10T18:57:38Z'), level: 'fatal', error: 'seems we have an error here' },
  },
  {
    dialect: 'zerolog',
    about: 'zerolog, globals.go: TimeFormatUnixMicro',
    line: '{"level":"info","req_id":"req-7","time":1494567715123456,"message":"micro"}',
    said: { time: 1494567715123.456 },
  },
  {
    dialect: 'JSON',
    about: 'zerolog, README: an error with a stack, no message',
    line: '{"level":"error","stack":[{"func":"inner","line":"20","source":"errors.go"}],"error":"seems we have an error here","req_id":"req-7","time":1609086683}',
    said: { time: 1609086683000, level: 'error', message: undefined, error: 'seems we have an error here' },
  },
  {
    dialect: 'JSON',
    about: 'zerolog, README: names of its example',
    line: '{"l":"info","t":1494567715,"m":"hello world","req_id":"req-7"}',
    said: { time: 1494567715000, level: 'info', message: 'hello world' },
  },
  {
    dialect: 'ECS',
    about: '@elastic/ecs-pino-format 1.5',
    line: '{"log.level":"error","@timestamp":"2026-11-23T16:17:24.724Z","process.pid":32596,"host.hostname":"web-1","ecs.version":"8.10.0","trace.id":"req-7","error":{"type":"Error","message":"boom","stack_trace":"Error: boom\\n    at main.cjs:13"},"message":"ecs"}',
    said: { time: at('2026-11-23T16:17:24.724Z'), level: 'error', message: 'ecs', error: 'Error: boom' },
  },
  {
    dialect: 'ECS',
    about: 'ecs-logging, its introduction and spec: keys with dots, the level padded',
    line: '{"@timestamp":"2019-08-06T14:08:40.199Z","log.level":" WARN","message":"init find form","service.name":"petclinic","trace.id":"req-7","ecs.version":"1.2.0","event.duration":1500000,"error.type":"java.lang.RuntimeException","error.message":"test"}',
    said: {
      time: at('2019-08-06T14:08:40.199Z'),
      level: 'warn',
      service: 'petclinic',
      message: 'init find form',
      error: 'test',
      durationMs: 1.5,
    },
  },
  {
    dialect: 'ECS',
    about: 'ECS, its field reference: objects',
    line: '{"@timestamp":"2019-08-06T14:08:40Z","log":{"level":"error","logger":"a.B"},"message":"m","trace":{"id":"req-7"},"service":{"name":"shop"},"error":{"type":"java.lang.RuntimeException","message":"test","stack_trace":"…"},"ecs":{"version":"8.0"}}',
    said: { level: 'error', service: 'shop', error: 'java.lang.RuntimeException: test' },
  },
  {
    dialect: 'logstash',
    about: 'logstash-logback-encoder, README: standard fields',
    line: '{"@timestamp":"2024-01-02T03:04:05.678+01:00","@version":"1","message":"Started","logger_name":"c.e.App","thread_name":"main","level":"INFO","level_value":20000,"traceId":"req-7"}',
    said: { time: at('2024-01-02T02:04:05.678Z'), level: 'info', service: 'c.e.App', message: 'Started' },
  },
  {
    dialect: 'OpenTelemetry',
    about: 'OpenTelemetry, logs/data-model.md: its fields and the example in it',
    line: '{"Timestamp":"1586960586000000001","TraceId":"req-7","SpanId":"f4dbb3edd765f620","SeverityText":"Error","SeverityNumber":17,"Body":"20200415T072306-0700 ERROR Oops","Resource":{"service.name":"web-backend"},"Attributes":{"http.status_code":500}}',
    said: { time: 1586960586000, level: 'error', service: 'web-backend', message: '20200415T072306-0700 ERROR Oops' },
  },
  {
    dialect: 'OpenTelemetry',
    about: 'OpenTelemetry, logs/data-model.md: observed only, a number for the severity',
    line: '{"ObservedTimestamp":1586960586000000000,"TraceId":"req-7","SeverityNumber":24,"Body":{"message":"structured"},"Resource":{"service.name":"web-backend"}}',
    said: { time: 1586960586000, level: 'fatal', message: '{"message":"structured"}' },
  },
  {
    dialect: 'Google Cloud',
    about: 'Google Cloud Logging, structured logging',
    line: '{"severity":"NOTICE","message":"done","time":"2020-10-12T07:20:50.52Z","logging.googleapis.com/trace":"projects/p-1/traces/req-7","serviceContext":{"service":"cart"}}',
    said: { time: at('2020-10-12T07:20:50.520Z'), level: 'info', service: 'cart', message: 'done' },
  },
  {
    dialect: 'CLEF',
    about: 'Serilog, compact log event format',
    line: '{"@t":"2016-06-07T03:44:57.8532799Z","@mt":"Hello, {User}","@l":"Warning","User":"nblumhardt","@tr":"req-7","SourceContext":"App.Hello"}',
    said: {
      time: at('2016-06-07T03:44:57.853Z') + 0.28,
      level: 'warn',
      service: 'App.Hello',
      message: 'Hello, {User}',
    },
  },
  {
    dialect: 'JSON',
    about: '.NET, JsonConsoleFormatter',
    line: '{"Timestamp":"2020-09-08T18:33:43.120Z ","EventId":0,"LogLevel":"Information","Category":"shop.Cart","Message":"Empty","State":{"requestId":"req-7"}}',
    said: { time: at('2020-09-08T18:33:43.120Z'), level: 'info', service: 'shop.Cart', message: 'Empty' },
  },
  {
    dialect: 'JSON',
    about: 'by hand',
    line: '{"ts":"2024-01-01 00:00:00","severity":"warn","text":"made by hand","opid":"req-7"}',
    said: { time: at('2024-01-01T00:00:00Z'), level: 'warn', message: 'made by hand' },
  },
];
