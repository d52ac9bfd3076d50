import HTTPTypes
package import Hummingbird
package import Logging
package import Transfer

/// Answers every request: below `/admin` with pages, elsewhere as the API; what fails, with what is wrong.
package struct WebResponder: HTTPResponder {
    /// A request with more is refused; the parser's own limit is above it.
    static let maxHeaders = 100

    private let api: APIResponder
    private let admin: AdminResponder?
    private let trustedProxies: @Sendable () -> [AddressRange]
    private let logger: Logger

    /// - Parameters:
    ///   - admin: nil: there are no pages.
    ///   - trustedProxies: whose word on the client's address is believed; asked for each request.
    package init(
        api: APIResponder, admin: AdminResponder? = nil,
        trustedProxies: @escaping @Sendable () -> [AddressRange] = { [] }, logger: Logger
    ) {
        self.api = api
        self.admin = admin
        self.trustedProxies = trustedProxies
        self.logger = logger
    }

    package func respond(to request: Request, context: WebContext) async throws -> Response {
        var response: Response
        do {
            guard request.headers.count <= Self.maxHeaders else {
                var problem = Problem(.tooManyHeaders, "a request may have \(Self.maxHeaders) header fields at most")
                problem.closesConnection = true
                throw problem
            }
            if let admin, AdminResponder.isResponsible(for: request.rawPath) {
                response = await admin.respond(to: request, context: context)
            } else {
                response = try await api.respond(to: request, context: context)
            }
        } catch {
            if let problem = Problem(error) {
                response = problem.response
            } else {
                logger.error("request failed", metadata: ["path": "\(request.rawPath)", "error": "\(error)"])
                response = Problem(.internal, "this was logged as an error").response
            }
        }
        note(request, response, context)
        if request.method == .head { response = response.createHeadResponse() }
        // The client asked for it, or the server must: say it either way.
        if request.headers[.connection]?.lowercased() == "close" { response.headers[.connection] = "close" }
        return response
    }

    private func note(_ request: Request, _ response: Response, _ context: WebContext) {
        logger.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(request.rawPath)",
                "status": "\(response.status.code)",
                "client":
                    "\(ClientAddress.of(context.peer, request.headers, trusted: trustedProxies())?.description ?? "-")",
            ])
    }
}
