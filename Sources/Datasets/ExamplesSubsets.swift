/// How many examples are held out for validation.
public enum Portion: Sendable, Equatable {
  /// This many examples.
  case count(Int)
  /// This share of all examples, rounded to the nearest whole number.
  case fraction(Double)

  /// How many of `count` examples are held out.
  fileprivate func held(of count: Int) -> Int {
    switch self {
    case .count(let number): number
    case .fraction(let share): Int((share * Double(count)).rounded())
    }
  }

  /// The fewest examples of which both parts have some; nil for a portion that never leaves both any.
  fileprivate var leastCount: Int? {
    switch self {
    case .count(let number): return number > 0 && number < .max ? number + 1 : nil
    case .fraction(let share):
      // The first that rounds to one held out, and the first that leaves one.
      guard share > 0, share < 1, let least = Int(exactly: (0.5 / min(share, 1 - share)).rounded(.down)) else {
        return nil
      }
      return (max(least, 2)...).first { (1..<$0).contains(held(of: $0)) }
    }
  }
}

extension Examples {
  /// The first examples in file order, all of them if there are fewer than `limit`.
  public func prefix(_ limit: Int) -> Examples {
    let kept = min(max(limit, 0), count)
    if kept == count { return self }
    let values: Storage =
      switch storage {
      case .bytes(let bytes): .bytes(Array(bytes.prefix(kept * elementCount)))
      case .floats(let floats): .floats(Array(floats.prefix(kept * elementCount)))
      case .rows(let source): .rows(source.subset(0..<kept))
      }
    return with(
      values, count: kept, labels: labels.map { Array($0.prefix(kept)) },
      exampleNames: exampleNames.map { Array($0.prefix(kept)) },
      factors: factors?.mapValues { Array($0.prefix(kept)) })
  }

  /// The examples at the given indices, in that order; an index may repeat.
  public func subset(_ indices: [Int]) -> Examples {
    for index in indices {
      precondition(
        0 <= index && index < count, "\(name): expected an index in 0..<\(count), got \(index)")
    }
    let values: Storage =
      switch storage {
      case .bytes(let bytes): .bytes(gather(bytes, indices))
      case .floats(let floats): .floats(gather(floats, indices))
      case .rows(let source): .rows(source.subset(indices))
      }
    return with(
      values, count: indices.count, labels: labels.map { labels in indices.map { labels[$0] } },
      exampleNames: exampleNames.map { names in indices.map { names[$0] } },
      factors: factors?.mapValues { values in indices.map { values[$0] } })
  }

  /// Examples whose class is known: the same number of every class, chosen by a seeded shuffle, in the file's order.
  ///
  /// - Parameter perClass: how many; nil takes all that have a label.
  public func labelled(perClass: Int?, seed: UInt64) throws(DatasetError) -> Examples {
    try chosen(perClass: perClass, "labelled examples (--labels-per-class takes fewer of each)", seed: seed)
  }

  /// The same as a training set, whether its labels are used or not: as many of every class.
  public func balanced(perClass: Int, seed: UInt64) throws(DatasetError) -> Examples {
    guard labelCounts?.contains(where: { $0 > 0 }) == true else {
      throw .invalid(
        subject: name, expected: "labels, to take \(perClass) of each class (data.perClass)", got: "none")
    }
    return try chosen(
      perClass: perClass, "examples for training (data.perClass takes fewer of each)", seed: seed)
  }

  private func chosen(perClass: Int?, _ wanted: String, seed: UInt64) throws(DatasetError) -> Examples {
    func none() -> DatasetError {
      .invalid(subject: "\(name), labels", expected: "a class for some examples", got: "none")
    }
    guard let labels, let classCount else { throw none() }
    var generator = SplitMix64(seed: seed)
    var taken = [Int](repeating: 0, count: classCount)
    let chosen = generator.permutation(count).filter { index in
      guard labels[index] != Self.unlabelled else { return false }
      taken[Int(labels[index])] += 1
      return taken[Int(labels[index])] <= perClass ?? .max
    }
    if let perClass, let poor = taken.firstIndex(where: { $0 < perClass }) {
      throw .invalid(
        subject: "\(name), class \(classNames.map { quoted($0[poor].utf8) } ?? "\(poor)")",
        expected: "at least \(perClass) \(wanted)", got: "\(taken[poor])")
    }
    guard !chosen.isEmpty else { throw none() }
    return subset(chosen.sorted())
  }

  /// The same examples in memory.
  public func loaded() throws(DatasetError) -> Examples {
    guard case .rows(let source) = storage else { return self }
    return with(
      try source.read(0..<count), count: count, labels: labels, exampleNames: exampleNames, factors: factors)
  }

  /// Two disjoint parts, chosen by a seeded shuffle; each part keeps the file's order.
  ///
  /// The same seed gives the same parts on every platform.
  public func split(
    validation: Portion, seed: UInt64
  ) throws(DatasetError) -> (train: Examples, validation: Examples) {
    guard let least = validation.leastCount else {
      throw .invalid(
        subject: "\(name), validation", expected: "a count above 0 or a share between 0 and 1", got: "\(validation)")
    }
    guard count >= least else {
      throw .invalid(
        subject: name,
        expected: "at least \(least) examples, to hold some out for validation and learn from the others "
          + "(--set data.validation=0 holds none out)", got: "\(count)")
    }
    let held = validation.held(of: count)
    var generator = SplitMix64(seed: seed)
    let order = generator.permutation(count)
    return (subset(order[held...].sorted()), subset(order[..<held].sorted()))
  }

  /// The number of examples of each class, nil without labels; unlabelled ones are in none.
  public var labelCounts: [Int]? {
    guard let labels, let classCount else { return nil }
    return labels.reduce(into: Array(repeating: 0, count: classCount)) {
      if $1 != Self.unlabelled { $0[Int($1)] += 1 }
    }
  }

  /// The same examples under another name.
  func renamed(_ name: String) -> Examples {
    Examples(
      unchecked: name, storage: storage, shape: shape, count: count, labels: labels,
      classCount: classCount, classNames: classNames, exampleNames: exampleNames, factors: factors, isBinary: isBinary)
  }

  private func gather<T>(_ values: [T], _ indices: [Int]) -> [T] {
    let size = elementCount
    return values.withUnsafeBufferPointer { source in
      Array(unsafeUninitializedCapacity: indices.count * size) { target, written in
        if let from = source.baseAddress, let to = target.baseAddress {
          for (row, index) in indices.enumerated() {
            (to + row * size).initialize(from: from + index * size, count: size)
          }
        }
        written = indices.count * size
      }
    }
  }

  private func with(
    _ storage: Storage, count: Int, labels: [Int32]?, exampleNames: [String]?, factors: [String: [Float]]?
  ) -> Examples {
    Examples(
      unchecked: name, storage: storage, shape: shape, count: count, labels: labels,
      classCount: classCount, classNames: classNames, exampleNames: exampleNames, factors: factors, isBinary: isBinary)
  }
}
