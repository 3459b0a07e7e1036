// Finds a number whose SHA-256 with the token begins with so many zero bits. Runs beside the page, never in it.
// SHA-256 is written out here: the one of the browser answers each call on its own, which is slower for many short texts.
"use strict";

var K = [], first = [];
(function () {
  // The constants of FIPS 180-4: fractional parts of the roots of the first primes.
  function part(root) { return ((root - Math.floor(root)) * 4294967296) | 0; }
  for (var n = 2; K.length < 64; n += 1) {
    var prime = true;
    for (var d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (first.length < 8) first.push(part(Math.sqrt(n)));
    K.push(part(Math.cbrt ? Math.cbrt(n) : Math.pow(n, 1 / 3)));
  }
})();

var W = new Int32Array(64);

// One block of 64 bytes into the state.
function block(state, bytes, at) {
  var i, a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (i = 0; i < 16; i += 1) {
    W[i] = (bytes[at + i * 4] << 24) | (bytes[at + i * 4 + 1] << 16) | (bytes[at + i * 4 + 2] << 8) | bytes[at + i * 4 + 3];
  }
  for (; i < 64; i += 1) {
    var x = W[i - 15], y = W[i - 2];
    var s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    var s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  for (i = 0; i < 64; i += 1) {
    var S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    var t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    var S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    var t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

var state = new Int32Array(8);

// How many zero bits the hash of the text begins with, at most 32. The text is ASCII.
function zeroBits(text) {
  var length = text.length, blocks = ((length + 8) >> 6) + 1, bytes = new Uint8Array(blocks * 64), i;
  for (i = 0; i < length; i += 1) bytes[i] = text.charCodeAt(i);
  bytes[length] = 128;
  var bits = length * 8, end = bytes.length;
  bytes[end - 1] = bits & 255; bytes[end - 2] = (bits >>> 8) & 255; bytes[end - 3] = (bits >>> 16) & 255;
  for (i = 0; i < 8; i += 1) state[i] = first[i];
  for (i = 0; i < blocks; i += 1) block(state, bytes, i * 64);
  for (i = 0; i < 32; i += 1) if ((state[0] << i) < 0) return i;
  return 32;
}

self.onmessage = function (event) {
  for (var number = 0; ; number += 1) {
    if (zeroBits(event.data.token + ":" + number) >= event.data.bits) break;
  }
  self.postMessage(number);
};
