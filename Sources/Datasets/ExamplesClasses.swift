extension Examples {
  /// The same examples with a model's classes: a class keeps its name and takes the number that the model gives it.
  ///
  /// Classes without names are numbers. A number is a name where all of `classNames` are whole numbers, such as the
  /// sub-folders "3" and "7" of a folder of digits; else it is an index of `classNames`.
  ///
  /// - Parameters:
  ///   - classNames: the classes that the model knows; those that are missing here do no harm.
  ///   - addsOthers: whether classes that it does not know get the numbers behind, for a model that predicts none.
  /// - Throws: an error that names the classes of examples here that the model does not know.
  public func matching(
    classNames: [String], addsOthers: Bool = false
  ) throws(DatasetError) -> Examples {
    if addsOthers, let own = self.classNames {
      let known = NameIndex(classNames)
      return try matching(classNames: classNames + own.filter { known[$0] == nil })
    }
    var numbers = [Int32?](repeating: nil, count: classCount ?? 0)
    if let own = self.classNames {
      let known = NameIndex(classNames)
      numbers = own.map { known[$0].map(Int32.init) }
    } else {
      let known = classNames.compactMap { Int($0) }
      let areNames = known.count == classNames.count
      for number in numbers.indices {
        let place = areNames ? known.firstIndex(of: number) : number < classNames.count ? number : nil
        numbers[number] = place.map(Int32.init)
      }
    }
    let strangers = (labelCounts ?? []).enumerated().filter { $1 > 0 && numbers[$0] == nil }.map(\.offset)
    guard strangers.isEmpty else {
      throw .invalid(
        subject: "\(name), classes", expected: "classes out of \(listed(classNames))",
        got: listed(strangers.map { self.classNames?[$0] ?? "\($0)" }))
    }
    return Examples(
      unchecked: name, storage: storage, shape: shape, count: count,
      labels: labels?.map { $0 == Self.unlabelled ? $0 : numbers[Int($0)] ?? Self.unlabelled },
      classCount: classNames.count, classNames: classNames, exampleNames: exampleNames, factors: factors,
      isBinary: isBinary)
  }
}
