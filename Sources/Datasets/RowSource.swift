import Foundation

/// Reads single examples from disk, as often as wanted and from any thread.
///
/// To conform, return the same values every time, and say what is wrong in terms of the file. See ``RecordFile``.
protocol RowReader: AnyObject, Sendable {
  /// Reads examples one after the other into `target`, which has room for exactly these.
  func read(_ rows: some Collection<Int>, into target: UnsafeMutableRawBufferPointer) throws(DatasetError)
}

/// Examples that stay on disk until a batch wants them.
public struct RowSource: Sendable, Equatable {
  /// What a value is once it has been read.
  enum Value: Sendable { case byte, float }

  let reader: any RowReader
  let value: Value
  /// The row of the file behind each example.
  let rows: [Int]
  /// Values in one example.
  let elementCount: Int

  var count: Int { rows.count * elementCount }

  func subset(_ indices: some Collection<Int>) -> RowSource {
    RowSource(reader: reader, value: value, rows: indices.map { rows[$0] }, elementCount: elementCount)
  }

  /// The values of some examples, in memory.
  func read(_ indices: some Collection<Int>) throws(DatasetError) -> Examples.Storage {
    let rows = indices.map { self.rows[$0] }
    let count = rows.count * elementCount
    switch value {
    case .byte: return .bytes(try values(count, of: 0 as UInt8, rows))
    case .float: return .floats(try values(count, of: 0 as Float, rows))
    }
  }

  private func values<T>(_ count: Int, of zero: T, _ rows: [Int]) throws(DatasetError) -> [T] {
    var values = [T](repeating: zero, count: count)
    try values.withUnsafeMutableBufferPointer { (target) throws(DatasetError) -> Void in
      try reader.read(rows, into: UnsafeMutableRawBufferPointer(target))
    }
    return values
  }

  /// Whether both read the same rows by the same reader; no values are compared.
  public static func == (a: RowSource, b: RowSource) -> Bool { a.reader === b.reader && a.rows == b.rows }
}

/// A file of records of one size behind a header, such as an uncompressed `.npy`.
final class RecordFile: RowReader, @unchecked Sendable {
  private let path: String
  // Only read from, by `pread`, which does not move it.
  private let file: FileHandle
  private let start: Int
  private let size: Int
  private let convert: (@Sendable ([UInt8], Int) throws(DatasetError) -> [UInt8])?

  /// - Parameters:
  ///   - start: the byte of the first record.
  ///   - size: the bytes of a record.
  ///   - convert: from a record and its number to the bytes of its values, if they are not the same.
  init(
    _ path: String, start: Int, size: Int,
    convert: (@Sendable ([UInt8], Int) throws(DatasetError) -> [UInt8])? = nil
  ) throws(DatasetError) {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw .unreadable(file: path, reason: systemError())
    }
    self.path = path
    self.file = file
    self.start = start
    self.size = size
    self.convert = convert
  }

  func read(_ rows: some Collection<Int>, into target: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    var written = 0
    var record = [UInt8](repeating: 0, count: size)
    for row in rows {
      try fill(&record, at: start + row * size)
      let values = try convert?(record, row) ?? record
      UnsafeMutableRawBufferPointer(rebasing: target[written...]).copyBytes(from: values)
      written += values.count
    }
  }

  private func fill(_ record: inout [UInt8], at offset: Int) throws(DatasetError) {
    var filled = 0
    while filled < size {
      let got = record.withUnsafeMutableBytes {
        pread(file.fileDescriptor, $0.baseAddress! + filled, size - filled, off_t(offset + filled))
      }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw .unreadable(file: path, reason: systemError()) }
      guard got > 0 else {
        throw .malformed(
          file: path, place: "byte \(offset + filled)", expected: "\(size - filled) more bytes",
          got: "the end of the file")
      }
      filled += got
    }
  }
}
