;; What must be fast: finding bytes, and the filters of the index. scan-code.ts holds this module,
;; assembled; after a change: npx --package wabt wat2wasm scan.wat, and its bytes in base64 into that file.
;;
;; Callers leave 256 bytes of memory behind all that is given here: loads reach beyond the end.
(module
  (memory (import "env" "memory") 1)

  ;; Address of the first needle in [from, end), or -1. `anchor` is the offset in the needle of three bytes x, y, z that are
  ;; rare in the log: wherever a needle lies, xy or yz begins at an even address, and so one load tells of sixteen bytes
  ;; whether one does. The needle has three bytes at least. `bounds`: 1 where no letter or digit may stand before it, 2
  ;; behind it, 3 both; what lies outside of [from, end) counts as neither.
  (func (export "find") (param $from i32) (param $end i32) (param $needle i32) (param $length i32) (param $anchor i32)
      (param $bounds i32) (result i32)
    (local $at i32) (local $last i32) (local $mask i32) (local $start i32) (local $head i32)
    (local $a v128) (local $b v128) (local $bytes v128)
    (local $m0 v128) (local $m1 v128) (local $m2 v128) (local $m3 v128)
    (local.set $head (i32.load8_u (local.get $needle)))
    (local.set $a (v128.load16_splat (i32.add (local.get $needle) (local.get $anchor))))
    (local.set $b (v128.load16_splat offset=1 (i32.add (local.get $needle) (local.get $anchor))))
    (local.set $at (i32.and (i32.add (local.get $from) (local.get $anchor)) (i32.const -16)))
    ;; Where a pair of the last needle may begin.
    (local.set $last
      (i32.add (i32.sub (local.get $end) (local.get $length)) (i32.add (local.get $anchor) (i32.const 1))))
    (block $none
      (loop $next
        (br_if $none (i32.gt_s (local.get $at) (local.get $last)))
        (local.set $m0
          (v128.or
            (i16x8.eq (local.tee $bytes (v128.load (local.get $at))) (local.get $a))
            (i16x8.eq (local.get $bytes) (local.get $b))))
        (local.set $m1
          (v128.or
            (i16x8.eq (local.tee $bytes (v128.load offset=16 (local.get $at))) (local.get $a))
            (i16x8.eq (local.get $bytes) (local.get $b))))
        (local.set $m2
          (v128.or
            (i16x8.eq (local.tee $bytes (v128.load offset=32 (local.get $at))) (local.get $a))
            (i16x8.eq (local.get $bytes) (local.get $b))))
        (local.set $m3
          (v128.or
            (i16x8.eq (local.tee $bytes (v128.load offset=48 (local.get $at))) (local.get $a))
            (i16x8.eq (local.get $bytes) (local.get $b))))
        (if (i32.eqz
              (i8x16.bitmask
                (v128.or
                  (v128.or (local.get $m0) (local.get $m1))
                  (v128.or (local.get $m2) (local.get $m3)))))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 64)))
            (br $next)))
        ;; A bit for each of the 32 pairs.
        (local.set $mask
          (i32.or
            (i32.or
              (i16x8.bitmask (local.get $m0))
              (i32.shl (i16x8.bitmask (local.get $m1)) (i32.const 8)))
            (i32.or
              (i32.shl (i16x8.bitmask (local.get $m2)) (i32.const 16))
              (i32.shl (i16x8.bitmask (local.get $m3)) (i32.const 24)))))
        (loop $candidate
          (local.set $start
            (i32.sub
              (i32.add (local.get $at) (i32.shl (i32.ctz (local.get $mask)) (i32.const 1)))
              (local.get $anchor)))
          (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
          ;; Where the pair is yz, the needle begins a byte earlier.
          (if (call $isAt (i32.sub (local.get $start) (i32.const 1)) (local.get $from) (local.get $end)
                (local.get $needle) (local.get $length) (local.get $head) (local.get $bounds))
            (then (return (i32.sub (local.get $start) (i32.const 1)))))
          (if (call $isAt (local.get $start) (local.get $from) (local.get $end)
                (local.get $needle) (local.get $length) (local.get $head) (local.get $bounds))
            (then (return (local.get $start))))
          (br_if $candidate (local.get $mask)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next)))
    (i32.const -1))

  ;; Whether the needle stands at `at`, within [from, end) and its bounds.
  (func $isAt (param $at i32) (param $from i32) (param $end i32) (param $needle i32) (param $length i32)
      (param $head i32) (param $bounds i32) (result i32)
    (local $index i32) (local $behind i32)
    (if (i32.lt_s (local.get $at) (local.get $from)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (local.get $at)) (local.get $head)) (then (return (i32.const 0))))
    (local.set $behind (i32.add (local.get $at) (local.get $length)))
    (if (i32.gt_s (local.get $behind) (local.get $end)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $at) (local.get $index)))
            (i32.load8_u (i32.add (local.get $needle) (local.get $index))))
        (then (return (i32.const 0))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $index) (local.get $length))))
    (if (i32.and (local.get $bounds) (i32.gt_s (local.get $at) (local.get $from)))
      (then
        (if (call $isWord (i32.load8_u (i32.sub (local.get $at) (i32.const 1)))) (then (return (i32.const 0))))))
    (if (i32.and (i32.shr_u (local.get $bounds) (i32.const 1)) (i32.lt_s (local.get $behind) (local.get $end)))
      (then (if (call $isWord (i32.load8_u (local.get $behind))) (then (return (i32.const 0))))))
    (i32.const 1))

  ;; A digit or a letter of ASCII.
  (func $isWord (param $byte i32) (result i32)
    (i32.or
      (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
      (i32.lt_u (i32.sub (i32.or (local.get $byte) (i32.const 32)) (i32.const 97)) (i32.const 26))))

  ;; Adds to a table of 65536 numbers how often each pair of bytes begins in [from, end).
  (func (export "pairs") (param $from i32) (param $end i32) (param $table i32)
    (local $entry i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $entry
          (i32.add (local.get $table) (i32.shl (i32.load16_u (local.get $from)) (i32.const 2))))
        (i32.store (local.get $entry) (i32.add (i32.load (local.get $entry)) (i32.const 1)))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $next))))

  ;; One bit for each of the first `length` of sixteen bytes.
  (func $lengthMask (param $length i32) (result i32)
    (select
      (i32.const 0xffff)
      (i32.sub (i32.shl (i32.const 1) (local.get $length)) (i32.const 1))
      (i32.ge_u (local.get $length) (i32.const 16))))

  ;; 64 bits of a key's bytes.
  (func $hash (export "hash") (param $at i32) (param $length i32) (result i64)
    (local $hash i64) (local $word i64)
    (local.set $hash (i64.mul (i64.extend_i32_u (local.get $length)) (i64.const 0x9e3779b97f4a7c15)))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $length)))
        (local.set $word (i64.load (local.get $at)))
        (if (i32.lt_u (local.get $length) (i32.const 8))
          (then
            (local.set $word
              (i64.and (local.get $word)
                (i64.sub
                  (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shl (local.get $length) (i32.const 3))))
                  (i64.const 1))))
            (local.set $length (i32.const 8))))
        (local.set $hash
          (i64.mul (i64.xor (local.get $hash) (local.get $word)) (i64.const 0xd6e8feb86659fd93)))
        (local.set $hash (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 32))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $length (i32.sub (local.get $length) (i32.const 8)))
        (br $next)))
    (local.set $hash (i64.mul (local.get $hash) (i64.const 0xbf58476d1ce4e5b9)))
    (i64.xor (local.get $hash) (i64.shr_u (local.get $hash) (i64.const 29))))

  ;; Whether a value that begins at `at` may be an id: 4 to 128 printable bytes of ASCII without a blank, from a letter, a
  ;; digit or _ on, with a digit, and no time as in 2026-11-23T08:00:00. `isIndexed` in sidecar/key.ts says the same.
  (func $isKey (export "isKey") (param $at i32) (param $length i32) (result i32)
    (local $bytes v128) (local $within i32) (local $digits i32) (local $index i32)
    (if (i32.gt_u (i32.sub (local.get $length) (i32.const 4)) (i32.const 124)) (then (return (i32.const 0))))
    (loop $next
      (local.set $within (call $lengthMask (i32.sub (local.get $length) (local.get $index))))
      (local.set $bytes (v128.load (i32.add (local.get $at) (local.get $index))))
      (if (i32.and (local.get $within)
            (i8x16.bitmask
              (i8x16.ge_u
                (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 0x21)))
                (i8x16.splat (i32.const 0x5e)))))
        (then (return (i32.const 0))))
      (local.set $digits
        (i32.or (local.get $digits)
          (i32.and (local.get $within)
            (i8x16.bitmask
              (i8x16.lt_u
                (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 48)))
                (i8x16.splat (i32.const 10)))))))
      (local.set $index (i32.add (local.get $index) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $index) (local.get $length))))
    (if (i32.eqz (local.get $digits)) (then (return (i32.const 0))))
    (call $isIdLike (local.get $at) (local.get $length)))

  ;; The same of bytes of which the length and what they are made of is known to be right.
  (func $isIdLike (param $at i32) (param $length i32) (result i32)
    (local $first i32)
    (local.set $first (i32.load8_u (local.get $at)))
    (if (i32.eqz
          (i32.or
            (i32.lt_u (i32.sub (local.get $first) (i32.const 48)) (i32.const 10))
            (i32.or
              (i32.lt_u (i32.sub (i32.or (local.get $first) (i32.const 32)) (i32.const 97)) (i32.const 26))
              (i32.eq (local.get $first) (i32.const 95)))))
      (then (return (i32.const 0))))
    (i32.eqz
      (i32.and
        (i32.ge_u (local.get $length) (i32.const 19))
        (i32.and
          (i32.and
            (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 45))
            (i32.eq (i32.load8_u offset=7 (local.get $at)) (i32.const 45)))
          (i32.and
            (i32.eq (i32.load8_u offset=10 (local.get $at)) (i32.const 84))
            (i32.eq (i32.load8_u offset=13 (local.get $at)) (i32.const 58)))))))

  ;; Puts the hash of one key behind the others unless it is there already, as far as `seen` (8192 hashes) remembers.
  (func $put (param $at i32) (param $length i32) (param $out i32) (param $seen i32) (result i32)
    (local $hash i64) (local $slot i32)
    (local.set $hash (call $hash (local.get $at) (local.get $length)))
    (local.set $slot
      (i32.add (local.get $seen)
        (i32.shl (i32.and (i32.wrap_i64 (local.get $hash)) (i32.const 8191)) (i32.const 3))))
    (if (i64.eq (i64.load (local.get $slot)) (local.get $hash)) (then (return (local.get $out))))
    (i64.store (local.get $slot) (local.get $hash))
    (i64.store (local.get $out) (local.get $hash))
    (i32.add (local.get $out) (i32.const 8)))

  ;; Hashes of the keys whose opening quote (or backslash) lies in [from, end), written from `out` on, at most up to
  ;; `full`; gives the address behind the last, or 0 where there was no room. Keys may go on behind `end`.
  ;;
  ;; Of 64 bytes at once three masks are made: quotes and backslashes, digits, and what no key has. To add the digits to
  ;; the bytes that are no quotes carries a bit to the quote behind each stretch that has a digit, however many; the same
  ;; way it is told which has a byte that no key has. So only what may be an id is looked at.
  (func (export "keys") (param $from i32) (param $end i32) (param $out i32) (param $full i32) (param $seen i32)
      (result i32)
    (local $at i32) (local $open i32) (local $start i32) (local $place i32) (local $length i32) (local $bytes v128)
    (local $delimiters i64) (local $digits i64) (local $bad i64) (local $ends i64) (local $before i64) (local $low i64)
    (local $hadDigit i64) (local $hadBad i64) (local $shift i64)
    (memory.fill (local.get $seen) (i32.const 0) (i32.const 65536))
    (local.set $at (local.get $from))
    (loop $next
      (local.set $delimiters (i64.const 0))
      (local.set $digits (i64.const 0))
      (local.set $bad (i64.const 0))
      (local.set $shift (i64.const 48))
      (loop $vector
        (local.set $bytes (v128.load (i32.add (local.get $at) (i32.wrap_i64 (local.get $shift)))))
        (local.set $delimiters
          (i64.or
            (i64.shl (local.get $delimiters) (i64.const 16))
            (i64.extend_i32_u
              (i8x16.bitmask
                (v128.or
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92))))))))
        (local.set $digits
          (i64.or
            (i64.shl (local.get $digits) (i64.const 16))
            (i64.extend_i32_u
              (i8x16.bitmask
                (i8x16.lt_u
                  (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 48)))
                  (i8x16.splat (i32.const 10)))))))
        ;; Neither printable ASCII, nor without a blank.
        (local.set $bad
          (i64.or
            (i64.shl (local.get $bad) (i64.const 16))
            (i64.extend_i32_u
              (i8x16.bitmask
                (i8x16.ge_u
                  (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 0x21)))
                  (i8x16.splat (i32.const 0x5e)))))))
        (local.set $shift (i64.sub (local.get $shift) (i64.const 16)))
        (br_if $vector (i64.ge_s (local.get $shift) (i64.const 0))))
      ;; The quotes behind a stretch with a digit, and without what no key has.
      (local.set $ends
        (i64.and
          (i64.and
            (i64.add
              (i64.add (i64.xor (local.get $delimiters) (i64.const -1)) (local.get $hadDigit))
              (i64.and (local.get $digits) (i64.xor (local.get $delimiters) (i64.const -1))))
            (local.get $delimiters))
          (i64.xor
            (i64.add
              (i64.add (i64.xor (local.get $delimiters) (i64.const -1)) (local.get $hadBad))
              (i64.and (local.get $bad) (i64.xor (local.get $delimiters) (i64.const -1))))
            (i64.const -1))))
      (block $noMore
        (loop $candidate
          (br_if $noMore (i64.eqz (local.get $ends)))
          (local.set $place (i32.wrap_i64 (i64.ctz (local.get $ends))))
          ;; The quotes before it; the last of them, where there is one, opens it.
          (local.set $before
            (i64.and (local.get $delimiters)
              (i64.sub (i64.shl (i64.const 1) (i64.extend_i32_u (local.get $place))) (i64.const 1))))
          (local.set $start
            (select
              (local.get $open)
              (i32.sub (i32.add (local.get $at) (i32.const 64)) (i32.wrap_i64 (i64.clz (local.get $before))))
              (i64.eqz (local.get $before))))
          (local.set $length
            (i32.sub (i32.add (local.get $at) (local.get $place)) (local.get $start)))
          (if (i32.and
                (i32.le_u (i32.sub (local.get $length) (i32.const 4)) (i32.const 124))
                (i32.and
                  (i32.ne (local.get $start) (i32.const 0))
                  (i32.le_u (local.get $start) (local.get $end))))
            (then
              (if (call $isIdLike (local.get $start) (local.get $length))
                (then
                  (if (i32.gt_u (i32.add (local.get $out) (i32.const 32)) (local.get $full))
                    (then (return (i32.const 0))))
                  (local.set $out
                    (call $putId (local.get $start) (local.get $length) (local.get $out) (local.get $seen)))))))
          (local.set $ends (i64.and (local.get $ends) (i64.sub (local.get $ends) (i64.const 1))))
          (br $candidate)))
      ;; What is behind the last quote goes on in the next 64 bytes.
      (if (i64.eqz (local.get $delimiters))
        (then (local.set $low (i64.const -1)))
        (else
          (local.set $open
            (i32.sub (i32.add (local.get $at) (i32.const 64)) (i32.wrap_i64 (i64.clz (local.get $delimiters)))))
          (local.set $hadDigit (i64.const 0))
          (local.set $hadBad (i64.const 0))
          (local.set $low
            (i64.xor
              (i64.shr_u (i64.const -1) (i64.clz (local.get $delimiters)))
              (i64.const -1)))))
      (local.set $hadDigit
        (i64.or (local.get $hadDigit)
          (i64.extend_i32_u (i64.ne (i64.and (local.get $digits) (local.get $low)) (i64.const 0)))))
      (local.set $hadBad
        (i64.or (local.get $hadBad)
          (i64.extend_i32_u (i64.ne (i64.and (local.get $bad) (local.get $low)) (i64.const 0)))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      ;; A key that begins before the end is followed until it is too long to be one.
      (br_if $next (i32.lt_u (local.get $at) (i32.add (local.get $end) (i32.const 192)))))
    (local.get $out))

  ;; An id, and what stands in it: there is room for three.
  (func $putId (param $open i32) (param $length i32) (param $out i32) (param $seen i32) (result i32)
    (local.set $out (call $put (local.get $open) (local.get $length) (local.get $out) (local.get $seen)))
    ;; The trace id in a W3C traceparent: 00-<32 digits>-<16 digits>-01.
    (if (i32.and
          (i32.eq (local.get $length) (i32.const 55))
          (i32.eq (i32.load8_u offset=2 (local.get $open)) (i32.const 45)))
      (then
        (local.set $out
          (call $put (i32.add (local.get $open) (i32.const 3)) (i32.const 32) (local.get $out) (local.get $seen)))))
    ;; And behind a path: projects/<name>/traces/<32 digits>.
    (if (i32.gt_u (local.get $length) (i32.const 33))
      (then
        (if (i32.eq
              (i32.load8_u (i32.sub (i32.add (local.get $open) (local.get $length)) (i32.const 33)))
              (i32.const 47))
          (then
            (local.set $out
              (call $put
                (i32.sub (i32.add (local.get $open) (local.get $length)) (i32.const 32)) (i32.const 32)
                (local.get $out) (local.get $seen)))))))
    (local.get $out))

  ;; The bit that the probe `number` of a hash asks for, of `bits`, which are a multiple of 512: all probes of a hash lie
  ;; in one window of 512, which is read at once.
  (func $bit (export "bit") (param $hash i64) (param $number i32) (param $bits i32) (result i32)
    (i32.or
      (i32.shl
        (i32.wrap_i64
          (i64.shr_u
            (i64.mul
              (i64.shr_u (local.get $hash) (i64.const 32))
              (i64.extend_i32_u (i32.shr_u (local.get $bits) (i32.const 9))))
            (i64.const 32)))
        (i32.const 9))
      (i32.and
        (i32.add
          (i32.wrap_i64 (local.get $hash))
          (i32.mul
            (local.get $number)
            (i32.or (i32.shr_u (i32.wrap_i64 (local.get $hash)) (i32.const 9)) (i32.const 1))))
        (i32.const 511))))

  ;; Puts the hashes in [from, end) into a group of 64 filters of `bits` each, which lie side by side: for each bit there
  ;; are eight bytes, one bit for each filter. `lane` is the number of the filter.
  (func (export "fill") (param $from i32) (param $end i32) (param $group i32) (param $bits i32) (param $lane i32)
    (local $number i32) (local $byte i32) (local $mark i32)
    (local.set $group (i32.add (local.get $group) (i32.shr_u (local.get $lane) (i32.const 3))))
    (local.set $mark (i32.shl (i32.const 1) (i32.and (local.get $lane) (i32.const 7))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $from) (local.get $end)))
        (local.set $number (i32.const 0))
        (loop $probe
          (local.set $byte
            (i32.add (local.get $group)
              (i32.shl
                (call $bit (i64.load (local.get $from)) (local.get $number) (local.get $bits))
                (i32.const 3))))
          (i32.store8 (local.get $byte) (i32.or (i32.load8_u (local.get $byte)) (local.get $mark)))
          (local.set $number (i32.add (local.get $number) (i32.const 1)))
          (br_if $probe (i32.lt_u (local.get $number) (i32.const 8))))
        (local.set $from (i32.add (local.get $from) (i32.const 8)))
        (br $next))))
)
