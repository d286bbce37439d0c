import Foundation
import TestSupport
import Testing

@testable import Watch

@Suite("The directory of runs")
struct RunRootTests {
  @Test("runs are found at any depth, in natural order, and not through links")
  func found() throws {
    try withRoot { root in
      for name in ["vae-10", "vae-2", "info/figure-1/cpu/seed-1", "asl", "asl/encoder"] { try root.make(name) }
      try root.make("asl/encoder/events/none")
      try root.make(".hidden/run")
      try FileManager.default.createSymbolicLink(atPath: root.path + "/link", withDestinationPath: root.path)
      #expect(root.runs().names == ["asl", "asl/encoder", "info/figure-1/cpu/seed-1", "vae-2", "vae-10"])
      #expect(!root.runs().isCut)
    }
  }

  @Test("a directory that is a run itself has the empty address")
  func itself() throws {
    try withRoot { root in
      #expect(root.run("") == nil)
      try root.make("")
      #expect(root.runs().names == [""])
      #expect(root.run("")?.exists == true && root.title == "runs")
    }
  }

  @Test(
    "no address leads out of the directory",
    arguments: ["..", "../other", "a/../../other", "/etc", "a/", "a//b", ".", "./a", "a/.", "a\0", "link", "link/run"])
  func outside(_ name: String) throws {
    try withRoot { root in
      try root.make("a")
      let other = try RunRoot((root.path as NSString).deletingLastPathComponent)
      try other.make("other")
      try other.make("elsewhere/run")
      try FileManager.default.createSymbolicLink(
        atPath: root.path + "/link", withDestinationPath: other.path + "/elsewhere")
      #expect(root.run(name) == nil)
      #expect(root.run("a") != nil)
    }
  }

  @Test("a file that is a link to one outside is not read")
  func linkedFile() throws {
    try withRoot { root in
      let run = try root.make("a")
      let secret = (root.path as NSString).deletingLastPathComponent + "/secret"
      try "secret".write(toFile: secret, atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: run.metrics, withDestinationPath: secret)
      #expect(root.file(run.metrics) == nil && root.file(run.configuration) != nil && root.file(run.figures) == nil)
      var tail = LogTail(run.metrics, in: root)
      let news = tail.read()
      #expect(news.entries.isEmpty && tail.place == nil)
    }
  }

  @Test("a directory that is not there is refused")
  func missing() {
    #expect(throws: WatchError.noDirectory("no/such")) { try RunRoot("no/such") }
    #expect("\(WatchError.noDirectory("no/such"))" == "no/such: no such directory")
  }
}
