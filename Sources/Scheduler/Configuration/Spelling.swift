/// Finds what a misspelt word was meant to be.
enum Spelling {
    /// “; did you mean "port"?”, or nothing when no candidate is near.
    static func suggestion(for word: String, among candidates: some Sequence<String>) -> String {
        nearest(to: word, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
    }

    /// The candidate with the fewest edits from the word, if it is near enough to be meant.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = folded(word)
        guard word.count <= 80 else { return nil }
        var best: (candidate: String, edits: Int)?
        for candidate in candidates {
            let other = folded(candidate)
            let edits = distance(word, other)
            let bound = max(1, min(word.count, other.count) / 3)
            if edits <= bound, edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.candidate
    }

    private static func folded(_ word: String) -> [Character] {
        Array(word.lowercased().replacing("-", with: "_"))
    }

    /// Edits from one word to the other: a letter more, less, changed, or two neighbours swapped.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [[Int]](repeating: [Int](repeating: 0, count: right.count + 1), count: left.count + 1)
        for i in 0...left.count { rows[i][0] = i }
        for j in 0...right.count { rows[0][j] = j }
        for i in stride(from: 1, through: left.count, by: 1) {
            for j in stride(from: 1, through: right.count, by: 1) {
                let change = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
                }
            }
        }
        return rows[left.count][right.count]
    }
}
