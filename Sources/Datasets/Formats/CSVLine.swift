/// A line of a CSV file with its end; fields are quoted where RFC 4180 asks for it.
public func csvLine(_ fields: [String]) -> String {
  let special = ",\"\r\n".unicodeScalars
  let quoted = fields.map { field in
    guard field.unicodeScalars.contains(where: special.contains) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
  return quoted.joined(separator: ",") + "\n"
}
