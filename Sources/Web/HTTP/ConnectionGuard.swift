import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Scheduler

/// Stands between HTTP parsing and the requests of one connection, and keeps clients in bounds:
/// - what is not HTTP, or has too large headers, is answered with a problem document and the connection closed;
/// - a connection on which no request begins within `readTimeout` is closed;
/// - a request that does not arrive whole within `readTimeout` is answered with 408 and the connection closed;
/// - after an answer with `Connection: close` the rest of the request is thrown away for a moment, so that the client
///   can read the answer (RFC 9112, section 9.6), and the connection closed;
/// - a client that does not take its answer within `writeTimeout` loses the connection;
/// - `Expect: 100-continue` is answered, so that clients do not wait for their own timeout before a large body.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Longest that a client is listened to after the last answer.
    private static let lingering: TimeAmount = .seconds(2)

    private let readTimeout: TimeAmount
    private let writeTimeout: TimeAmount
    private let maxBodyBytes: Int
    /// Requests whose answer is not complete.
    private var unanswered = 0
    /// Whether the answer that is being written has begun, so that nothing else can be written.
    private var isAnswering = false
    private var isLast = false
    private var isDiscarding = false
    private var deadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(_ server: Configuration.Server) {
        readTimeout = TimeAmount(server.readTimeout)
        writeTimeout = TimeAmount(server.writeTimeout)
        maxBodyBytes = server.maxBodyBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        startIdleTimer(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDiscarding { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            startTimer(context)
            if head.headerFields[.expect]?.lowercased() == "100-continue", isWithinLimit(head), !isAnswering {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
            }
        case .body: break
        case .end:
            stopTimer()
            startIdleTimer(context)
        }
        context.fireChannelRead(data)
    }

    private func isWithinLimit(_ head: HTTPRequest) -> Bool {
        head.headerFields[.contentLength].flatMap { Int($0) }.map { $0 <= maxBodyBytes } ?? true
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isDiscarding {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isAnswering = true
            isLast = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            isAnswering = false
            unanswered -= 1
            if isLast {
                context.writeAndFlush(data, promise: promise)
                discardRest(context)
            } else {
                context.write(data, promise: promise)
                startIdleTimer(context)
            }
        }
    }

    /// NIO's parser, or the conversion of a head into the shared HTTP types, has given up: no more parts will come.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // With a request under way its handler learns of the error when it reads on, and answers itself.
        guard unanswered == 0, !isDiscarding, context.channel.isActive, error is HTTPParserError || isConversion(error)
        else {
            context.fireErrorCaught(error)
            return
        }
        if case .some(.headerOverflow) = error as? HTTPParserError {
            answer(context, Problem(.tooManyHeaders, "the headers are too many or too large"))
        } else {
            answer(context, Problem(.malformed, "this is not a request of HTTP/1.1 (RFC 9112)"))
        }
    }

    /// Errors of the connection itself leave nobody to answer to.
    private func isConversion(_ error: any Error) -> Bool {
        !(error is IOError) && !(error is ChannelError)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeDeadline?.cancel()
        writeDeadline = nil
        if !context.channel.isWritable, context.channel.isActive {
            writeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: writeTimeout) {
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isDiscarding, case .some(.inputClosed) = event as? ChannelEvent {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
    }

    // MARK: Ends

    private func startTimer(_ context: ChannelHandlerContext) {
        stopTimer()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: readTimeout) { [self] in
            deadline = nil
            if unanswered == 1, !isAnswering {
                answer(context, Problem(.timeout, "the request did not arrive whole within the server's read timeout"))
            } else {
                context.close(promise: nil)
            }
        }
    }

    /// When nothing is under way.
    private func startIdleTimer(_ context: ChannelHandlerContext) {
        guard unanswered == 0, deadline == nil else { return }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: readTimeout) {
            context.close(promise: nil)
        }
    }

    private func stopTimer() {
        deadline?.cancel()
        deadline = nil
    }

    private func stopTimers() {
        stopTimer()
        writeDeadline?.cancel()
        writeDeadline = nil
    }

    private func answer(_ context: ChannelHandlerContext, _ problem: Problem) {
        let body = ByteBuffer(bytes: problem.json)
        let head = HTTPResponse(
            status: problem.kind.status,
            headerFields: [
                .contentType: "application/problem+json", .contentLength: "\(body.readableBytes)",
                .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        discardRest(context)
    }

    private func discardRest(_ context: ChannelHandlerContext) {
        isDiscarding = true
        stopTimer()
        context.close(mode: .output, promise: nil)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) {
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
