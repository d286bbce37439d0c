/// The convolutions of Inception-v3 under torchvision's names, with the shapes of their weights.
///
/// Szegedy et al. 2016, Table 1 and Figures 5-7; torchvision's `inception_v3` and, with the same names, pytorch-fid's.
enum InceptionLayers {
  /// One convolution without bias, `[outputs, inputs, height, width]`, with a batch norm behind it.
  struct Layer {
    let name: String
    let shape: [Int]
  }

  /// The length of the features in front of the logits.
  static let featureCount = 2048

  /// Every convolution on the way to the logits.
  static let all: [Layer] =
    [
      layer("Conv2d_1a_3x3", 3, 32, 3), layer("Conv2d_2a_3x3", 32, 32, 3), layer("Conv2d_2b_3x3", 32, 64, 3),
      layer("Conv2d_3b_1x1", 64, 80), layer("Conv2d_4a_3x3", 80, 192, 3),
    ] + a("Mixed_5b", 192, pool: 32) + a("Mixed_5c", 256, pool: 64) + a("Mixed_5d", 288, pool: 64)
    + b("Mixed_6a", 288) + c("Mixed_6b", 128) + c("Mixed_6c", 160) + c("Mixed_6d", 160) + c("Mixed_6e", 192)
    + d("Mixed_7a", 768) + e("Mixed_7b", 1280) + e("Mixed_7c", 2048)

  private static func layer(_ name: String, _ inputs: Int, _ outputs: Int, _ height: Int = 1, _ width: Int? = nil)
    -> Layer
  { Layer(name: name, shape: [outputs, inputs, height, width ?? height]) }

  /// Figure 5, with a 5 x 5 convolution kept.
  private static func a(_ name: String, _ inputs: Int, pool: Int) -> [Layer] {
    [
      layer(name + ".branch1x1", inputs, 64), layer(name + ".branch5x5_1", inputs, 48),
      layer(name + ".branch5x5_2", 48, 64, 5), layer(name + ".branch3x3dbl_1", inputs, 64),
      layer(name + ".branch3x3dbl_2", 64, 96, 3), layer(name + ".branch3x3dbl_3", 96, 96, 3),
      layer(name + ".branch_pool", inputs, pool),
    ]
  }

  private static func b(_ name: String, _ inputs: Int) -> [Layer] {
    [
      layer(name + ".branch3x3", inputs, 384, 3), layer(name + ".branch3x3dbl_1", inputs, 64),
      layer(name + ".branch3x3dbl_2", 64, 96, 3), layer(name + ".branch3x3dbl_3", 96, 96, 3),
    ]
  }

  /// Figure 6 with n = 7.
  private static func c(_ name: String, _ width: Int) -> [Layer] {
    [
      layer(name + ".branch1x1", 768, 192), layer(name + ".branch7x7_1", 768, width),
      layer(name + ".branch7x7_2", width, width, 1, 7), layer(name + ".branch7x7_3", width, 192, 7, 1),
      layer(name + ".branch7x7dbl_1", 768, width), layer(name + ".branch7x7dbl_2", width, width, 7, 1),
      layer(name + ".branch7x7dbl_3", width, width, 1, 7), layer(name + ".branch7x7dbl_4", width, width, 7, 1),
      layer(name + ".branch7x7dbl_5", width, 192, 1, 7), layer(name + ".branch_pool", 768, 192),
    ]
  }

  private static func d(_ name: String, _ inputs: Int) -> [Layer] {
    [
      layer(name + ".branch3x3_1", inputs, 192), layer(name + ".branch3x3_2", 192, 320, 3),
      layer(name + ".branch7x7x3_1", inputs, 192), layer(name + ".branch7x7x3_2", 192, 192, 1, 7),
      layer(name + ".branch7x7x3_3", 192, 192, 7, 1), layer(name + ".branch7x7x3_4", 192, 192, 3),
    ]
  }

  /// Figure 7.
  private static func e(_ name: String, _ inputs: Int) -> [Layer] {
    [
      layer(name + ".branch1x1", inputs, 320), layer(name + ".branch3x3_1", inputs, 384),
      layer(name + ".branch3x3_2a", 384, 384, 1, 3), layer(name + ".branch3x3_2b", 384, 384, 3, 1),
      layer(name + ".branch3x3dbl_1", inputs, 448), layer(name + ".branch3x3dbl_2", 448, 384, 3),
      layer(name + ".branch3x3dbl_3a", 384, 384, 1, 3), layer(name + ".branch3x3dbl_3b", 384, 384, 3, 1),
      layer(name + ".branch_pool", inputs, 192),
    ]
  }
}
