@testable import Reproductions

/// Results that were made up: `made(["vae mi": [1, 2, 3]])` has the `mi` of three seeds of `vae`.
func made(_ numbers: [String: [Double]], error: Double? = nil) -> Results {
  made(numbers.mapValues { $0.map { Results.Number(value: $0, error: error) } })
}

/// The same of numbers with their examples.
func made(_ numbers: [String: [Results.Number]]) -> Results {
  var cells: [String: Results.CellResult] = [:]
  for (name, values) in numbers.sorted(by: { $0.key < $1.key }) {
    let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
    for (index, number) in values.enumerated() {
      let (cell, seed) = (parts[0], UInt64(index + 1))
      let key = "\(cell) \(seed)"
      cells[key, default: .init(name: cell, seed: seed, steps: 1, seconds: 1, numbers: [:])].numbers[parts[1]] = number
    }
  }
  return Results(cells: cells.sorted { $0.key < $1.key }.map(\.value))
}

/// A number that is the mean of these examples.
func mean(of examples: [Double]) -> Results.Number {
  Results.Number(value: examples.reduce(0, +) / Double(examples.count), error: 1, examples: examples)
}
