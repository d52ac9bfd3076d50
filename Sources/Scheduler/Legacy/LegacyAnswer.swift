/// Reads an answer as delay_queue does: Go's `encoding/json` into `struct { Success bool }`.
enum LegacyAnswer {
    static func saysSuccess(_ bytes: [UInt8]) -> Bool {
        guard let answer = GoJSON(bytes) else { return false }
        var success = false
        for member in answer.members where member.key == "success" {
            switch member.value.first {
            case UInt8(ascii: "t"): success = true
            case UInt8(ascii: "f"): success = false
            // Null leaves a field as it is.
            case UInt8(ascii: "n"): break
            // A value of another type is an error, whatever follows.
            default: return false
            }
        }
        return success
    }
}
