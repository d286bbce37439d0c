/// What can go wrong between the name of a data set and its decoded examples.
///
/// Every message says what it is about, what was expected and what came.
public enum DatasetError: Error, Equatable, Sendable {
  /// A file's content breaks its format, at a place named for a person ("byte 4", "line 3, column 7").
  case malformed(file: String, place: String, expected: String, got: String)
  /// A file has other bytes than the published ones; `expected` names the kind of checksum.
  case checksum(file: String, expected: String, got: String)
  /// The operating system refused to read or write a file.
  case unreadable(file: String, reason: String)
  /// No source had a file; each attempt names the source and why it failed.
  case unavailable(set: String, file: String, attempts: [String])
  /// No data set has this name.
  case unknownSet(name: String, known: [String], closest: String?)
  /// The data set has no such split.
  case missingSplit(set: String, expected: [Split], got: Split)
  /// A value given by the caller, or two files that contradict each other.
  case invalid(subject: String, expected: String, got: String)
}

extension DatasetError: CustomStringConvertible {
  /// One message for people: who, what was expected, what came.
  public var description: String {
    switch self {
    case .malformed(let file, let place, let expected, let got):
      return "'\(file)', \(place): expected \(expected), got \(got)"
    case .checksum(let file, let expected, let got):
      return "'\(file)': expected \(expected), got \(got)"
    case .unreadable(let file, let reason):
      return "'\(file)': \(reason)"
    case .unavailable(let set, let file, let attempts):
      return (["\(set): no source has '\(file)'"] + attempts.map { "  \($0)" })
        .joined(separator: "\n")
    case .unknownSet(let name, let known, let closest):
      let hint = closest.map { " (did you mean '\($0)'?)" } ?? ""
      let names = known.joined(separator: ", ")
      return "unknown data set '\(name)'\(hint): expected a file, a folder or one of \(names)"
    case .missingSplit(let set, let expected, let got):
      let names = expected.map(\.rawValue).joined(separator: ", ")
      return "\(set): expected a split out of \(names), got \(got.rawValue)"
    case .invalid(let subject, let expected, let got):
      return "\(subject): expected \(expected), got \(got)"
    }
  }
}
