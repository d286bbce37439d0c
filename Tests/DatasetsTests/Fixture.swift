import Foundation
import Testing

@testable import Datasets

/// The bytes of a file under `Fixtures`.
func fixture(_ path: String) throws -> [UInt8] {
  let directory = try #require(Bundle.module.resourceURL)
  return try readFile(directory.appendingPathComponent("Fixtures/\(path)").path)
}

/// A fixture of arrays, decoded.
func decodedFixture(_ name: String, _ format: ArrayFormat, key: String? = nil) throws -> DataArray {
  var part = ArrayFormat.Part()
  part.key = key
  return try format.decode(try fixture("arrays/\(name)"), part, file: name)
}

/// The types the fixtures' arrays have, which are also the arrays' names.
let fixtureTypes: [DataArray.Element] = [
  .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64, .float16, .float32,
  .float64,
]

/// What a fixture's array must be: its values count from 0 in row-major order.
func expectRamp(
  _ array: DataArray, _ element: DataArray.Element, _ shape: [Int] = [2, 3, 4],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let ramp = (0..<shape.reduce(1, *)).map(Double.init)
  let expected = element == .bool ? ramp.map { $0.truncatingRemainder(dividingBy: 2) } : ramp
  #expect(array.element == element, sourceLocation: sourceLocation)
  #expect(array.shape == shape, sourceLocation: sourceLocation)
  #expect(array.doubles() == expected, sourceLocation: sourceLocation)
}
