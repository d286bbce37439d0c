/// The formats arrays are read from.
///
/// To add one: write its decoder in a file of its own, as `IDX.swift` does, and give it a case here.
public enum ArrayFormat: String, Sendable, CaseIterable {
  /// The MNIST files.
  case idx
  /// NumPy's file of one array.
  case npy
  /// NumPy's file of several arrays.
  case npz
  /// Hugging Face's file of named tensors.
  case safetensors
  /// MATLAB's file of variables, level 5.
  case mat
  /// Comma-separated numbers.
  case csv
  /// Larochelle's text of 0 and 1.
  case amat
  /// The binary matrices of NORB.
  case norb
  /// The binary records of CIFAR-10.
  case cifar10
  /// A PNG or JPEG picture, `[height, width, channels]`.
  case image

  /// Whether such files give names to their arrays, or to their columns.
  public var namesArrays: Bool { [.npz, .safetensors, .mat, .csv].contains(self) }

  /// What to take out of a file that holds more than one thing.
  public struct Part: Sendable, Equatable {
    /// The name of an array; nil takes the only one there is.
    public var key: String?
    /// Which half of a file that holds examples and their classes.
    public var field: Field
    /// Whether the first line of a table names its columns.
    public var hasHeader: Bool

    /// By default the only array of a file, examples rather than labels, and no header.
    public init(key: String? = nil, field: Field = .data, hasHeader: Bool = false) {
      self.key = key
      self.field = field
      self.hasHeader = hasHeader
    }

    /// Refuses what has no effect.
    ///
    /// - Parameters:
    ///   - format: of the file; nil for what is no file of arrays.
    ///   - subject: the file or the set, for messages.
    func check(_ format: ArrayFormat?, of subject: String) throws(DatasetError) {
      if let key, format?.namesArrays != true {
        throw .invalid(
          subject: "'\(subject)', --key",
          expected: "none, because only .npz, .mat, .safetensors and .csv files name what they hold", got: "'\(key)'")
      }
      if hasHeader, format != .csv {
        throw .invalid(
          subject: "'\(subject)', --header", expected: "none, because only a .csv file can name its columns",
          got: "one")
      }
      if field == .labels, format != .cifar10 {
        throw .invalid(
          subject: "'\(subject)', --field", expected: "data, because only CIFAR-10's files hold labels beside them",
          got: "labels")
      }
    }
  }

  /// The halves of a file of examples with classes.
  public enum Field: String, Sendable, CaseIterable {
    case data, labels
  }

  /// Decodes a file's content, which may be compressed by gzip.
  ///
  /// Memory for values is taken only after the declared size has been compared with the real one.
  ///
  /// - Parameter file: the name used in messages.
  public func decode(
    _ content: consuming [UInt8], _ part: Part = Part(), file: String
  ) throws(DatasetError) -> DataArray {
    if Gzip.isGzip(content) {
      let limit = Gzip.limit(compressed: content.count)
      content = try Gzip.decompress(content, file: file, limit: limit)
    }
    switch self {
    case .idx: return try IDX.decode(content, file: file)
    case .npy: return try NPY.decode(content, file: file)
    case .npz: return try NPZ.decode(content, key: part.key, file: file)
    case .safetensors: return try SafetensorsFile.decode(content, key: part.key, file: file)
    case .mat: return try MATLAB5.decode(content, key: part.key, file: file)
    case .csv:
      return try CSV.decode(content, hasHeader: part.hasHeader, key: part.key, file: file)
    case .amat: return try AMAT.decode(content, file: file)
    case .norb: return try NORB.decode(content, file: file)
    case .cifar10: return try CIFAR10.decode(content, field: part.field, file: file)
    case .image: return try ImageFile.decode(content, file: file)
    }
  }
}
