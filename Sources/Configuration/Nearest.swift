/// The word that differs least from `word`; nil if all differ in more than half of its letters.
public func nearest(to word: String, among words: [String]) -> String? {
  let distances = words.map {
    (word: $0, distance: editDistance(word.lowercased(), $0.lowercased()))
  }
  guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
  return 2 * best.distance <= word.count ? best.word : nil
}

/// The least number of inserted, deleted and replaced letters (Levenshtein 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
  let longest = 64
  let (a, b) = (Array(a.prefix(longest)), Array(b.prefix(longest)))
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
