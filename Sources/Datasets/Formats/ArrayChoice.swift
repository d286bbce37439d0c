// The decoders are also compiled by themselves, where there are no modules.
#if canImport(Configuration)
  import Configuration
#endif

/// The name of the array to take out of a file that may hold several.
///
/// - Parameters:
///   - key: the name asked for; nil takes the only one there is.
///   - names: the arrays that can be read.
///   - others: what else has a name in the file and cannot be read; listed, and returned only if asked for.
func chosenArray(
  _ key: String?, among names: [String], others: [String] = [], file: String
) throws(DatasetError) -> String {
  let all = names + others
  guard let key else {
    if names.count == 1 { return names[0] }
    let expected =
      names.isEmpty ? "an array of numbers" : "the name of one array out of \(listed(all))"
    let got = all.isEmpty ? "a file without any" : names.isEmpty ? "only \(listed(all))" : "none"
    throw .invalid(subject: "'\(file)'", expected: expected, got: got)
  }
  if all.contains(key) { return key }
  let hint = nearest(to: key, among: all).map { " (did you mean '\($0)'?)" } ?? ""
  throw .invalid(
    subject: "'\(file)'",
    expected: all.isEmpty ? "a file with arrays" : "the name of an array out of \(listed(all))",
    got: "'\(key)'\(hint)")
}

/// The array's name beside the file's, for messages.
func arraySource(_ key: String, file: String) -> String { "\(file)[\(key)]" }

/// A file may hold any number of names; a message may not.
package func listed(_ names: [String]) -> String {
  let most = 20
  let rest = names.count > most ? " and \(names.count - most) more" : ""
  return names.prefix(most).joined(separator: ", ") + rest
}
