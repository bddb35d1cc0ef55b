/** Puts a counter, and perhaps a failure, before what a program does with sockets, and before what comes from them. */
import type net from 'node:net';
import { type Calls, systemError } from './calls.js';

type Callable = (this: unknown, ...args: unknown[]) => unknown;

export function patchSockets({ Server, Socket }: Pick<typeof net, 'Server' | 'Socket'>, calls: Calls): void {
  const fails = (what: string) => calls.fails('socket', 'error', what);
  wrap(Server.prototype, 'listen', (original) => {
    return function (...args) {
      if (!fails('listen')) return original.apply(this, args);
      if (this instanceof Server)
        process.nextTick(() => this.emit('error', systemError('EACCES', 'listen', undefined)));
      return this;
    };
  });
  wrap(Server.prototype, 'emit', (original) => {
    return function (...args) {
      const result = original.apply(this, args);
      const [event, socket] = args;
      if (event === 'connection' && socket instanceof Socket && fails('accept')) reset(socket, 'accept');
      return result;
    };
  });
  wrap(Socket.prototype, 'connect', (original) => {
    return function (...args) {
      if (!(this instanceof Socket) || !fails('connect')) return original.apply(this, args);
      process.nextTick(() => this.destroy(systemError('ECONNREFUSED', 'connect', undefined)));
      return this;
    };
  });
  wrap(Socket.prototype, 'write', (original) => {
    return function (...args) {
      if (!(this instanceof Socket) || !fails('write')) return original.apply(this, args);
      this.destroy(systemError('EPIPE', 'write', undefined));
      const callback = args.at(-1);
      if (typeof callback === 'function') process.nextTick(callback, systemError('EPIPE', 'write', undefined));
      return false;
    };
  });
  wrap(Socket.prototype, 'emit', (original) => {
    return function (...args) {
      if (args[0] !== 'data' || !(this instanceof Socket) || !fails('read')) return original.apply(this, args);
      reset(this, 'read');
      return true;
    };
  });
}

function reset(socket: net.Socket, syscall: string): void {
  process.nextTick(() => socket.destroy(systemError('ECONNRESET', syscall, undefined)));
}

function wrap(prototype: object, name: string, make: (original: Callable) => Callable): void {
  const original: unknown = Reflect.get(prototype, name);
  if (isCallable(original)) Reflect.set(prototype, name, make(original));
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
