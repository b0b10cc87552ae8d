;; AES-GCM around the block cipher (NIST SP 800-38D): counter blocks, the XOR with the key stream, and GHASH. AES itself is
;; OpenSSL's. Nothing here branches on a secret or uses one as an address: GHASH looks up its tables by swizzles, in registers.
;; That is why sixteen blocks are processed side by side, one in each lane of a vector.
;;
;; GHASH of blocks B0, B1 .. whose number is a multiple of 16 (blocks of zeros in front change nothing): lane l gathers
;;   Yl = (Bl * H^16 + Bl+16) * H^16 + ..
;; and the hash is the sum of Yl * H^(16-l), computed by halves: lanes 0-7 times H^8 and lanes 8-15 added, then H^4, H^2, H.
;; A vector of the state holds the same byte of all sixteen lanes, so each group of 256 bytes is transposed first.
(module
  (memory (export "memory") 1)

  ;; Memory layout:
  ;;   0      the state, 16 vectors
  ;;   256    the product, 16 vectors
  ;;   512    two buffers for transposing
  ;;   1024   tables of H^16, H^8, H^4, H^2 and H, 8 KiB each: for each nibble of a factor (32, the high one of byte 0 first)
  ;;          and each byte of the product (16), what each value of the nibble adds to that byte, in one vector
  ;;   41984  15 blocks of zeros; the associated data, one block; the content and its tag
  ;;   46592  the key stream
  (global $product i32 (i32.const 256))
  (global $even i32 (i32.const 512))
  (global $odd i32 (i32.const 768))
  (global $tables (export "tables") i32 (i32.const 1024))
  (global $tableBytes i32 (i32.const 8192))
  (global $associated (export "associated") i32 (i32.const 42224))
  (global $content (export "content") i32 (i32.const 42240))
  (global $keyStream (export "keyStream") i32 (i32.const 46592))

  ;; Writes counter blocks to where the key stream will be: for each of $count consecutive nonces $blocks blocks
  ;; counted from 1. A nonce is [salt:4][high:4][low:4], big-endian; $low must not wrap.
  (func (export "counters")
    (param $salt i32) (param $high i32) (param $low i32) (param $count i32) (param $blocks i32)
    (local $to i32) (local $left i32) (local $counter v128)
    (local.set $to (global.get $keyStream))
    (loop $nonce
      (local.set $counter (i32x4.splat (local.get $salt)))
      (local.set $counter (i32x4.replace_lane 1 (local.get $counter) (local.get $high)))
      (local.set $counter (i32x4.replace_lane 2 (local.get $counter) (local.get $low)))
      (local.set $counter (i32x4.replace_lane 3 (local.get $counter) (i32.const 1)))
      (local.set $left (local.get $blocks))
      (loop $block
        (v128.store (local.get $to)
          (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (local.get $counter) (local.get $counter)))
        (local.set $counter (i32x4.add (local.get $counter) (v128.const i32x4 0 0 0 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br_if $block (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.set $low (i32.add (local.get $low) (i32.const 1)))
      (br_if $nonce (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; Encrypts $bytes of content in place with the key stream at $stream, and writes the tag behind them.
  (func (export "seal") (param $stream i32) (param $bytes i32)
    (call $crypt (local.get $stream) (local.get $bytes))
    (v128.store
      (i32.add (global.get $content) (local.get $bytes))
      (call $tag (local.get $stream) (local.get $bytes))))

  ;; Decrypts $bytes of content in place and returns 1 when the tag behind them is right; otherwise returns 0.
  (func (export "open") (param $stream i32) (param $bytes i32) (result i32)
    (local $given v128)
    (local.set $given (v128.load (i32.add (global.get $content) (local.get $bytes))))
    (if (v128.any_true (v128.xor (local.get $given) (call $tag (local.get $stream) (local.get $bytes))))
      (then (return (i32.const 0))))
    (call $crypt (local.get $stream) (local.get $bytes))
    (i32.const 1))

  ;; XORs whole blocks: the rest of the last one changes too. The first block of the stream belongs to the tag.
  (func $crypt (param $stream i32) (param $bytes i32)
    (local $at i32) (local $end i32)
    (local.set $at (global.get $content))
    (local.set $end (i32.add (local.get $at) (local.get $bytes)))
    (block $done
      (loop $block
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $stream (i32.add (local.get $stream) (i32.const 16)))
        (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (v128.load (local.get $stream))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $block))))

  ;; The tag of $bytes of ciphertext. Writes zeros and the block of lengths behind them.
  (func $tag (param $stream i32) (param $bytes i32) (result v128)
    (local $lengths i32)
    (memory.fill (i32.add (global.get $content) (local.get $bytes)) (i32.const 0) (i32.const 16))
    (local.set $lengths
      (i32.add (global.get $content) (i32.and (i32.add (local.get $bytes) (i32.const 15)) (i32.const -16))))
    ;; In bits, two numbers of 64: the associated data's 13 bytes, and the content's.
    (v128.store (local.get $lengths) (v128.const i8x16 0 0 0 0 0 0 0 104 0 0 0 0 0 0 0 0))
    (i32.store8 offset=14 (local.get $lengths) (i32.shr_u (local.get $bytes) (i32.const 5)))
    (i32.store8 offset=15 (local.get $lengths) (i32.shl (local.get $bytes) (i32.const 3)))
    (v128.xor
      (v128.load (local.get $stream))
      (call $hash (i32.add (local.get $lengths) (i32.const 16)))))

  ;; GHASH of the blocks from the associated data to $end.
  (func $hash (param $end i32) (result v128)
    (local $group i32) (local $bytes i32)
    (local.set $bytes (i32.sub (local.get $end) (global.get $associated)))
    (local.set $group
      (i32.sub (local.get $end) (i32.and (i32.add (local.get $bytes) (i32.const 255)) (i32.const -256))))
    (call $transpose (local.get $group) (i32.const 0))
    (block $done
      (loop $next
        (local.set $group (i32.add (local.get $group) (i32.const 256)))
        (br_if $done (i32.ge_u (local.get $group) (local.get $end)))
        (call $multiply (i32.const 0))
        (call $transpose (local.get $group) (i32.const 0))
        (call $addProduct (i32.const 0))
        (br $next)))
    (call $multiply (i32.const 1))
    (call $addProduct (i32.const 8))
    (call $multiply (i32.const 2))
    (call $addProduct (i32.const 4))
    (call $multiply (i32.const 3))
    (call $addProduct (i32.const 2))
    (call $multiply (i32.const 4))
    (call $addProduct (i32.const 1))
    (call $multiply (i32.const 4))
    (call $transpose (global.get $product) (i32.const 0))
    (v128.load (i32.const 0)))

  ;; The product of every lane of the state and the power whose table is number $table. Half of the product's bytes at a time:
  ;; eight vectors and the rest fit the registers.
  (func $multiply (param $table i32)
    (local $row i32) (local $from i32) (local $to i32) (local $byte v128) (local $nibble v128)
    (local $p0 v128) (local $p1 v128) (local $p2 v128) (local $p3 v128)
    (local $p4 v128) (local $p5 v128) (local $p6 v128) (local $p7 v128)
    (local.set $table (i32.add (global.get $tables) (i32.mul (local.get $table) (global.get $tableBytes))))
    (local.set $to (global.get $product))
    (loop $half
      (local.set $p0 (v128.const i32x4 0 0 0 0))
      (local.set $p1 (v128.const i32x4 0 0 0 0))
      (local.set $p2 (v128.const i32x4 0 0 0 0))
      (local.set $p3 (v128.const i32x4 0 0 0 0))
      (local.set $p4 (v128.const i32x4 0 0 0 0))
      (local.set $p5 (v128.const i32x4 0 0 0 0))
      (local.set $p6 (v128.const i32x4 0 0 0 0))
      (local.set $p7 (v128.const i32x4 0 0 0 0))
      (local.set $row (local.get $table))
      (local.set $from (i32.const 0))
      (loop $next
        (local.set $byte (v128.load (local.get $from)))
        (local.set $nibble (i8x16.shr_u (local.get $byte) (i32.const 4)))
        (local.set $p0 (v128.xor (local.get $p0) (i8x16.relaxed_swizzle (v128.load (local.get $row)) (local.get $nibble))))
        (local.set $p1 (v128.xor (local.get $p1) (i8x16.relaxed_swizzle (v128.load offset=16 (local.get $row)) (local.get $nibble))))
        (local.set $p2 (v128.xor (local.get $p2) (i8x16.relaxed_swizzle (v128.load offset=32 (local.get $row)) (local.get $nibble))))
        (local.set $p3 (v128.xor (local.get $p3) (i8x16.relaxed_swizzle (v128.load offset=48 (local.get $row)) (local.get $nibble))))
        (local.set $p4 (v128.xor (local.get $p4) (i8x16.relaxed_swizzle (v128.load offset=64 (local.get $row)) (local.get $nibble))))
        (local.set $p5 (v128.xor (local.get $p5) (i8x16.relaxed_swizzle (v128.load offset=80 (local.get $row)) (local.get $nibble))))
        (local.set $p6 (v128.xor (local.get $p6) (i8x16.relaxed_swizzle (v128.load offset=96 (local.get $row)) (local.get $nibble))))
        (local.set $p7 (v128.xor (local.get $p7) (i8x16.relaxed_swizzle (v128.load offset=112 (local.get $row)) (local.get $nibble))))
        (local.set $nibble (v128.and (local.get $byte) (i8x16.splat (i32.const 15))))
        (local.set $p0 (v128.xor (local.get $p0) (i8x16.relaxed_swizzle (v128.load offset=256 (local.get $row)) (local.get $nibble))))
        (local.set $p1 (v128.xor (local.get $p1) (i8x16.relaxed_swizzle (v128.load offset=272 (local.get $row)) (local.get $nibble))))
        (local.set $p2 (v128.xor (local.get $p2) (i8x16.relaxed_swizzle (v128.load offset=288 (local.get $row)) (local.get $nibble))))
        (local.set $p3 (v128.xor (local.get $p3) (i8x16.relaxed_swizzle (v128.load offset=304 (local.get $row)) (local.get $nibble))))
        (local.set $p4 (v128.xor (local.get $p4) (i8x16.relaxed_swizzle (v128.load offset=320 (local.get $row)) (local.get $nibble))))
        (local.set $p5 (v128.xor (local.get $p5) (i8x16.relaxed_swizzle (v128.load offset=336 (local.get $row)) (local.get $nibble))))
        (local.set $p6 (v128.xor (local.get $p6) (i8x16.relaxed_swizzle (v128.load offset=352 (local.get $row)) (local.get $nibble))))
        (local.set $p7 (v128.xor (local.get $p7) (i8x16.relaxed_swizzle (v128.load offset=368 (local.get $row)) (local.get $nibble))))
        (local.set $row (i32.add (local.get $row) (i32.const 512)))
        (br_if $next (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 16))) (i32.const 256))))
      (v128.store (local.get $to) (local.get $p0))
      (v128.store offset=16 (local.get $to) (local.get $p1))
      (v128.store offset=32 (local.get $to) (local.get $p2))
      (v128.store offset=48 (local.get $to) (local.get $p3))
      (v128.store offset=64 (local.get $to) (local.get $p4))
      (v128.store offset=80 (local.get $to) (local.get $p5))
      (v128.store offset=96 (local.get $to) (local.get $p6))
      (v128.store offset=112 (local.get $to) (local.get $p7))
      (local.set $table (i32.add (local.get $table) (i32.const 128)))
      (local.set $to (i32.add (local.get $to) (i32.const 128)))
      (br_if $half (i32.lt_u (local.get $to) (i32.const 512)))))

  ;; The state becomes the product plus the state, of which lane l + $lanes goes to lane l.
  (func $addProduct (param $lanes i32)
    (local $at i32) (local $shift v128)
    (local.set $shift
      (i8x16.add (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) (i8x16.splat (local.get $lanes))))
    (loop $next
      (v128.store (local.get $at)
        (v128.xor
          (v128.load offset=256 (local.get $at))
          (i8x16.swizzle (v128.load (local.get $at)) (local.get $shift))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (i32.const 256)))))

  ;; Transposes 16 vectors of 16 bytes from $from to $to.
  (func $transpose (param $from i32) (param $to i32)
    (call $weave (local.get $from) (global.get $even))
    (call $weave (global.get $even) (global.get $odd))
    (call $weave (global.get $odd) (global.get $even))
    (call $weave (global.get $even) (local.get $to)))

  ;; One of the four steps of a transposition: the bytes of vectors n and n + 8, interleaved, become vectors 2n and 2n + 1.
  (func $weave (param $from i32) (param $to i32)
    (local $end i32) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $from) (i32.const 128)))
    (loop $pair
      (local.set $a (v128.load (local.get $from)))
      (local.set $b (v128.load offset=128 (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
      (v128.store offset=16 (local.get $to)
        (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (br_if $pair (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 16))) (local.get $end)))))
)
