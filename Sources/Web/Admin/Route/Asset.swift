import Digests
import HTTPTypes
import Hummingbird
import NIOCore

/// The stylesheet, the script and the icon.
///
/// Their addresses hold a digest of their content, so that a browser keeps each for good and never an old one.
struct Asset: Sendable {
    let path: String
    private let text: String
    private let type: String

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    ]
    private static let all: [String: Asset] = {
        var all: [String: Asset] = [:]
        for file in EmbeddedFiles.all {
            guard let type = types[String(file.name.split(separator: ".").last ?? "")] else { continue }
            let asset = Asset(file.name, file.text, type)
            all[asset.path] = asset
        }
        return all
    }()
    private static let paths = Dictionary(uniqueKeysWithValues: all.values.map { ($0.name, $0.path) })

    private let name: String

    private init(_ name: String, _ text: String, _ type: String) {
        let digest = Digest.sha256(Array(text.utf8)).prefix(8).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        (self.name, self.text, self.type) = (name, text, type)
        path = "\(AdminRoute.assets)\(digest.joined())-\(name)"
    }

    static func path(of name: String) -> String { paths[name] ?? name }

    init?(path: String) {
        guard let asset = Self.all[path] else { return nil }
        self = asset
    }

    var response: Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "public, max-age=31536000, immutable"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
