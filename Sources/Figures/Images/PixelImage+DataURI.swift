import Foundation

extension PixelImage {
  /// The picture as a PNG inside a `data:` address, for pages and drawings that need no other file.
  ///
  /// Memory is all that encoding a picture that exists can lack, so a failure traps.
  var dataURI: String {
    do {
      return "data:image/png;base64," + Data(try png()).base64EncodedString()
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
