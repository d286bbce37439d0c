import Foundation

extension Double {
  /// The number as people read it: `4`, not `4.0`, and without the last digits, which sums leave wrong.
  package var plain: String { String(format: "%.12g", self) }
}
