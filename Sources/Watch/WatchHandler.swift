import Configuration
import FlyingFox
import Foundation
import Training

/// Answers the requests of the page; everything is read, nothing is written.
struct WatchHandler: HTTPHandler {
  private let root: RunRoot
  private let gate: Gate
  private let roster: Roster
  private let seats = Seats(mostStreams)

  /// Pages that may listen at once, and runs that one of them shows.
  private static let (mostStreams, mostShown) = (64, 6)

  init(_ root: RunRoot, _ gate: Gate) {
    (self.root, self.gate) = (root, gate)
    roster = Roster(root)
  }

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    let query = request.query.reduce(into: [String: String]()) { $0[$1.name] = $1.value }
    // Browsers ask for it by themselves, without the token.
    if request.method == .GET, request.target.path() == "/favicon.ico" {
      return Answer.nothing.response(withBody: false)
    }
    let withBody = request.method != .HEAD
    if let refusal = gate.refusal(
      method: request.method.rawValue, host: request.headers[.host],
      authorization: request.headers[.authorization], query: query["token"])
    {
      return Answer.text(refusal.reason, status: refusal.status).response(withBody: withBody)
    }
    return try await answer(request, query).response(withBody: withBody)
  }

  private func answer(_ request: HTTPRequest, _ query: [String: String]) async throws -> Answer {
    // The raw path: a run's address is one part of it, whose slashes are written %2F.
    let parts = request.target.path().split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map { $0.removingPercentEncoding }
    switch parts {
    case [""]: return .page { [title = root.title] in WatchPage.html(title: title, nonce: $0) }
    case ["events"]: return events(request)
    case ["api", "runs"]: return try .json(await roster.list().rows)
    default: break
    }
    guard (3...4).contains(parts.count), parts[0] == "api", parts[1] == "runs", let name = parts[2] else {
      return .text("there is nothing at this address", status: 404)
    }
    guard let run = root.run(name) else { return .text("there is no such run", status: 404) }
    switch parts.count == 4 ? parts[3] : "" {
    case "":
      guard let row = await roster.list().rows.first(where: { $0.run == name }) else {
        return .text("there is no such run", status: 404)
      }
      return try .json(row)
    case "config":
      guard let file = root.file(run.configuration), let data = FileManager.default.contents(atPath: file) else {
        return .text("the run has no configuration that can be read", status: 404)
      }
      return .file(data, type: "text/plain; charset=utf-8")
    case "difference": return try difference(run, to: query["to"])
    case "log":
      var feed = RunFeed(name, in: root, after: query["after"].flatMap { LogTail.Place($0) })
      return try .json(feed?.log())
    case "health":
      var feed = RunFeed(name, in: root, after: nil)
      _ = feed?.log()
      let row = await roster.list().rows.first { $0.run == name }
      return try .json(feed?.condition(row))
    case "picture":
      var pictures = RunPictures(of: run, in: root)
      guard let picture = pictures.file(query["name"] ?? "") else {
        return .text("there is no such picture", status: 404)
      }
      return .file(picture.data, type: picture.type)
    default: return .text("there is nothing at this address", status: 404)
    }
  }

  private func difference(_ run: RunDirectory, to name: String?) throws -> Answer {
    guard let name, let other = root.run(name) else {
      return .text("there is no such run to compare with", status: 404)
    }
    let differences: [SettingsDifference]
    do throws(SettingsError) {
      differences = SettingsDifference.between(
        try SettingsDocument(file: run.configuration).values, try SettingsDocument(file: other.configuration).values)
    } catch { return .text("a configuration cannot be read: \(error)", status: 422) }
    return try .json(differences)
  }

  private func events(_ request: HTTPRequest) -> Answer {
    guard request.method != .HEAD else { return .nothing }
    let names = request.query.filter { $0.name == "run" }.map(\.value).prefix(Self.mostShown)
    // What the browser says after a lost connection is newer than the address of the stream.
    let told = (request.headers[HTTPHeader("Last-Event-ID")] ?? request.query.first { $0.name == "at" }?.value ?? "")
      .split(separator: ",").map { LogTail.Place($0) }
    guard let seat = seats.take() else {
      return .text("\(Self.mostStreams) pages listen already; close one of them", status: 503)
    }
    let feeds = names.enumerated().compactMap { index, name in
      RunFeed(name, in: root, after: told.indices.contains(index) ? told[index] : nil)
    }
    return .events(EventStream(roster: roster, feeds: feeds, seat: seat))
  }
}
