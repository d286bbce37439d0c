extension DataArray {
  /// Reads a file.
  public init(
    contentsOf path: String, _ format: ArrayFormat, _ part: ArrayFormat.Part = .init()
  ) throws(DatasetError) {
    try part.check(format, of: path)
    self = try format.decode(try readFile(path), part, file: path)
  }

  /// Writes a file as `numpy.save` does, whole or not at all.
  public func write(npy path: String) throws(DatasetError) {
    try writeFileAtomically(NPY.encode(self), to: path)
  }
}
