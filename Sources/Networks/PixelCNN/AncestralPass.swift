import Torch

/// Pixels one after the other, each made of its distribution given those before.
///
/// Random numbers are drawn beforehand, so that two ways through the pixels can be compared.
struct AncestralPass {
  private let network: any AutoregressiveNetwork
  private let family: PixelFamily
  private let dtype: DType
  private let device: Device

  /// How many images, and the code of each.
  struct Codes {
    let count: Int
    let z: Tensor?
  }

  init(_ network: any AutoregressiveNetwork, _ family: PixelFamily) {
    self.network = network
    self.family = family
    let weight = network.parameters[0].value
    (dtype, device) = (weight.dtype, weight.device)
  }

  private var channels: Int { network.imageShape[0] }
  private var height: Int { network.imageShape[1] }
  private var width: Int { network.imageShape[2] }

  /// With cached activations: a row costs its kernels in the row stack, a pixel its kernels in the pixel stack.
  ///
  /// - Parameter noise: uniform numbers `[count, noises, h, w]`; nil makes every pixel its mean.
  /// - Returns: `[count, channels, h, w]`.
  func stream(_ codes: Codes, noise: Tensor?) -> Tensor {
    let noise = noise.map { pixels($0.to(dtype)) }
    let shifts = network.shifts(codes.z)
    let rowStream = RowStream()
    let pixelStream = PixelStream()
    // What lies outside the image is zero behind `input`, as the margins of whole images are.
    let outside = network.input(.zeros([codes.count, channels], dtype: dtype, device: device)) * 0
    var above = outside.reshaped([codes.count, -1, 1, 1])  // [count, maps, 1, 1]
      .expanded([codes.count, outside.size(1), 1, width])  // [count, maps, 1, w]
    var rows: [Tensor] = []
    for row in 0..<height {
      let rowShifts = shifts.map { $0.size(2) == 1 ? $0 : $0.narrowed(2, row..<row + 1) }  // [count, maps, 1, ...]
      let links = network.rowStack(above, shifts: rowShifts, run: rowStream).map(pixels)
      var before = outside
      var values: [Tensor] = []
      for column in 0..<width {
        let parameters = network.pixelStack(before, links: links.map { $0[column] }, run: pixelStream).inFloat()
        let value =
          noise.map { family.draw(parameters, $0[row * width + column], channels: channels) }
          ?? family.mean(parameters, channels: channels)
        values.append(value)
        before = network.input(value)
      }
      pixelStream.nextRow()
      rows.append(Tensor.stacked(values, axis: 2).unsqueezed(2))  // [count, channels, 1, w]
      above = network.input(rows[row])
    }
    return .concatenated(rows, axis: 2)  // [count, channels, h, w]
  }

  /// With a pass over the whole image for every pixel.
  func wholeImages(_ codes: Codes, noise: Tensor) -> Tensor {
    let noise = pixels(noise.to(dtype))
    let image = Tensor.zeros([codes.count] + network.imageShape, dtype: dtype, device: device)
    for row in 0..<height {
      for column in 0..<width {
        func pixel(_ x: Tensor) -> Tensor {
          x.narrowed(2, row..<row + 1).narrowed(3, column..<column + 1)  // [count, maps, 1, 1]
        }
        let parameters = pixel(network(image, given: codes.z)).flattened(from: 1)  // [count, outputs]
        let value = family.draw(parameters, noise[row * width + column], channels: channels)
        pixel(image).copyInPlace(value.unsqueezed(-1).unsqueezed(-1))  // [count, channels, 1, 1]
      }
    }
    return image
  }

  /// `[n, maps, h, w]` cut into pixels `[n, maps]`.
  private func pixels(_ x: Tensor) -> [Tensor] {
    let maps = x.size(1)
    return x.permuted(2, 3, 0, 1).reshaped([-1, maps]).split(x.size(2) * x.size(3), axis: 0)  // each [n, maps]
  }
}
