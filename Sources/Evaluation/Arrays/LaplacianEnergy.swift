import Torch

/// How much fine detail images have: the square of their Laplacian, the sum of the four neighbours of a pixel less four
/// times the pixel, as its mean over channels and over the pixels that have four neighbours: `[n]`.
///
/// It is 0 for images that are flat or change evenly, and 20 sigma^2 for white noise of variance sigma^2. Blur lowers it.
///
/// - Parameter images: `[n, channels, height, width]`, sides of at least 3 pixels.
public func laplacianEnergy(_ images: Tensor) throws(MetricError) -> Tensor {
  guard images.rank == 4, images.size(2) >= 3, images.size(3) >= 3 else {
    throw MetricError(
      "sharpness: expected images [n, channels, height, width] of at least 3 x 3 pixels, got shape \(images.shape)")
  }
  let (height, width) = (images.size(2), images.size(3))
  let x = images.to(.float64)
  /// The pixels at a distance from those that have four neighbours.
  func moved(_ down: Int, _ right: Int) -> Tensor {
    x.narrowed(2, 1 + down..<height - 1 + down).narrowed(3, 1 + right..<width - 1 + right)
  }
  let laplacian = moved(-1, 0) + moved(1, 0) + moved(0, -1) + moved(0, 1) - moved(0, 0) * 4
  return laplacian.square().flattened(from: 1).mean(1)
}
