package import Transfer

/// Makes calls at given instants: `TransferLoop`, or a simulation of it.
package protocol CallLoop: Sendable {
    func submit(_ requests: [TransferRequest])
    func withdraw() -> [UInt64]
    func close()
}

extension TransferLoop: CallLoop {}

/// Makes the loop, given who says whether a call may be made at that instant, and who takes what came of calls.
package typealias CallLoopMaker = (
    _ mayFire: @escaping @Sendable (ContinuousClock.Instant) -> Bool,
    _ onResults: @escaping @Sendable ([TransferResult]) -> Void
) -> any CallLoop
