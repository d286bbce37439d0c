import Torch

/// How pixels become the 0 or 1 that a Bernoulli likelihood is about.
public enum Binarization: String, Sendable, CaseIterable {
  /// Pixels stay as they are, in [0, 1].
  case none
  /// 1 where a pixel is at least one half.
  case threshold
  /// A fresh draw with the pixel as the probability of 1, every time a batch is read.
  case dynamic
  /// Such a draw once for every example: a function of its values.
  case fixed
}

extension Binarization {
  /// Whether pixels are drawn, anew or once.
  public var isDrawn: Bool { self == .dynamic || self == .fixed }
}

extension Tensor {
  /// 1 where a value is at least half of the largest, else 0; type `uint8`.
  func thresholded(isPixels: Bool) -> Tensor { (to(.float32) .>= (isPixels ? 127.5 : 0.5)).to(.uint8) }

  /// pixel + u with u uniform on [0, 1).
  ///
  /// u has 16 bits, which fill the 24 of a float32 together with a pixel's 8.
  func dequantizedPixels(using rng: RandomSource) -> Tensor {
    let wordsPerDraw = 4
    let bits = rng.bits((count + wordsPerDraw - 1) / wordsPerDraw).viewed(as: .int16)
    // A signed draw r stands for u = (r + 2^15) / 2^16.
    let x = bits.narrowed(0, 0..<count).reshaped(shape).to(.float32)
    x.multiplyInPlace(0x1p-16)
    x.addInPlace(0.5)
    x.addInPlace(to(.float32))
    return x
  }

  /// 1 with probability pixel / 255, for pixels of type `uint8`.
  ///
  /// Each pixel is compared with 16 random bits, a quarter of the cost of a float each; probabilities are
  /// within 2^-16 of pixel / 255, and 0 is always 0.
  func binarizedPixels(using rng: RandomSource) -> Tensor {
    let wordsPerDraw = 4
    let bits = rng.bits((count + wordsPerDraw - 1) / wordsPerDraw).viewed(as: .int16)
    // 257 pixel - 2^15 in wrapping 16-bit arithmetic takes 0...255 to the thresholds -32768...32767.
    let threshold = to(.int16)
    threshold.multiplyInPlace(integer: 257)
    threshold.addInPlace(integer: -32768)
    return bits.narrowed(0, 0..<count).reshaped(shape).isLess(than: threshold, as: .float32)
  }
}
