import FlyingFox
import Foundation

/// What a request is answered with.
enum Answer {
  case page((_ nonce: String) -> String)
  case file(Data, type: String)
  case text(String, status: Int)
  case events(EventStream)
  case nothing

  /// A value as JSON.
  static func json(_ value: some Encodable) throws -> Answer {
    .file(try WatchJSON.encoded(value), type: "application/json")
  }

  /// The same over HTTP, with what keeps a browser from more than showing it.
  func response(withBody: Bool) -> HTTPResponse {
    let nonce = Self.nonce()
    var headers: HTTPHeaders = [
      .cacheControl: "no-store",
      HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("Referrer-Policy"): "no-referrer",
      HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
      HTTPHeader("Content-Security-Policy"): Self.policy(nonce),
    ]
    var status = HTTPStatusCode.ok
    var body = Data()
    switch self {
    case .page(let html):
      headers[.contentType] = "text/html; charset=utf-8"
      body = Data(html(nonce).utf8)
    case .file(let data, let type):
      headers[.contentType] = type
      body = data
    case .text(let text, let code):
      headers[.contentType] = "text/plain; charset=utf-8"
      status = Self.statuses.first { $0.code == code } ?? .notFound
      if code == 405 { headers[HTTPHeader("Allow")] = "GET, HEAD" }
      if code == 401 { headers[HTTPHeader("WWW-Authenticate")] = "Bearer" }
      body = Data((text + "\n").utf8)
    case .events(let stream):
      headers[.contentType] = "text/event-stream"
      return HTTPResponse(
        statusCode: status, headers: headers, body: HTTPBodySequence(from: stream, suggestedBufferSize: 1 << 16))
    case .nothing: status = .noContent
    }
    if !withBody {
      headers[.contentLength] = String(body.count)
      body = Data()
    }
    return HTTPResponse(statusCode: status, headers: headers, body: body)
  }

  private static let statuses: [HTTPStatusCode] = [
    .unauthorized, .forbidden, .notFound, .methodNotAllowed, .unprocessableContent, .serviceUnavailable,
  ]

  /// Nothing from elsewhere, and no script or style but the page's own.
  private static func policy(_ nonce: String) -> String {
    "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; img-src 'self'; connect-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  }

  /// A name that nobody can guess.
  private static func nonce() -> String {
    (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined()
  }
}
