/// NumPy's format of several arrays: a zip file of `.npy` members.
///
/// An array has its member's name without `.npy`. Members with other names are not arrays: they are
/// checked like all members and otherwise left alone.
///
/// - Source: `numpy.savez` and `numpy.savez_compressed`.
enum NPZ {
  private static let suffix = ".npy"

  /// Decodes one array; no other member is decompressed.
  ///
  /// - Parameters:
  ///   - key: the array's name; nil takes the only one there is.
  ///   - file: the name used in messages.
  static func decode(
    _ content: [UInt8], key: String?, file: String
  ) throws(DatasetError) -> DataArray {
    let zip = try Zip(content, file: file)
    // Letters may join their neighbours in a hostile name, so the suffix is cut off as bytes.
    let members = zip.members.filter {
      $0.name.utf8.suffix(suffix.count).elementsEqual(suffix.utf8)
    }
    let names = members.map {
      String(decoding: $0.name.utf8.dropLast(suffix.count), as: UTF8.self)
    }
    let key = try chosenArray(key, among: names, file: file)
    let member = members[names.firstIndex(of: key)!]
    return try NPY.decode(try zip.content(of: member), file: arraySource(key, file: file))
  }
}
