import HTTPTypes
import Hummingbird
import NIOCore

/// A path that the program adds to the API and answers itself, for any method.
package struct GuestRoute: Sendable {
    /// What came in.
    package struct Call: Sendable {
        package let method: String
        package let body: [UInt8]
        private let fields: HTTPFields

        fileprivate init(_ request: Request, body: [UInt8]) {
            method = request.method.rawValue
            fields = request.headers
            self.body = body
        }

        /// The first header field of that name, in any case.
        package func header(_ name: String) -> String? {
            HTTPField.Name(name).flatMap { fields[$0] }
        }
    }

    package let path: String
    private let answer: @Sendable (Call) async -> [UInt8]

    /// - Parameter answer: gives a JSON document, sent with status 200.
    package init(_ path: String, _ answer: @escaping @Sendable (Call) async -> [UInt8]) {
        self.path = path
        self.answer = answer
    }

    func respond(to request: Request, limit: Int) async throws -> Response {
        let json = await answer(Call(request, body: try await request.content(limit: limit)))
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
    }
}
