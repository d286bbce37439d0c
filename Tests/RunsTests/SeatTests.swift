import Runs
import TestSupport
import Testing
import Torch

@Suite("Seats that launchers give")
struct SeatTests {
  private func seat(_ environment: [String: String]) throws -> Seat? { try Seat.fromEnvironment(environment) }

  @Test("torchrun's variables")
  func torchrun() throws {
    var variables = [
      "RANK": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "a", "MASTER_PORT": "7000",
    ]
    let second = try #require(try seat(variables))
    #expect(
      (second.rank, second.count, second.localCount, second.host, second.port, second.isHost)
        == (1, 4, 2, "a", 7000, false))
    variables["RANK"] = "0"
    #expect(try seat(variables)?.isHost == true)
    variables["TORCHELASTIC_USE_AGENT_STORE"] = "True"
    #expect(try seat(variables)?.isHost == false)
  }

  @Test("Slurm's, of a step and not of a script")
  func slurm() throws {
    var variables = [
      "SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "4", "SLURM_STEP_NODELIST": "node[03-05,9],x",
      "SLURM_JOB_ID": "2001", "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
    ]
    #expect(try seat(variables) == nil)
    variables["SLURM_STEP_ID"] = "0"
    let found = try #require(try seat(variables))
    #expect((found.rank, found.count, found.localCount, found.host) == (3, 4, 2, "node03"))
    #expect(found.port == 29501)
  }

  @Test("Open MPI's, on one machine and on several")
  func openMPI() throws {
    var variables = [
      "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
    ]
    #expect(try seat(variables)?.host == "127.0.0.1")
    variables["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1"
    #expect(message { _ = try seat(variables) }.contains("MASTER_ADDR"))
  }

  @Test("none, one process, and what cannot be")
  func others() throws {
    #expect(try seat([:]) == nil)
    #expect(try seat(["RANK": "0", "WORLD_SIZE": "1"]) == nil)
    #expect(message { _ = try seat(["RANK": "0", "WORLD_SIZE": "2"]) }.contains("MASTER_ADDR and MASTER_PORT"))
    let place = ["MASTER_ADDR": "a", "MASTER_PORT": "7000"]
    #expect(
      message { _ = try seat(place.merging(["RANK": "2", "WORLD_SIZE": "2"]) { $1 }) }
        == "expected a process number from 0 to 1 in the environment, got 2")
    #expect(
      message { _ = try seat(place.merging(["RANK": "x", "WORLD_SIZE": "2"]) { $1 }) }
        == "the environment's RANK: expected a number from 0 up, got 'x'")
    #expect(
      message { _ = try seat(["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "a", "MASTER_PORT": "0"]) }
        == "the environment's MASTER_PORT: expected a port from 1 to 65535, got 0")
  }
}
