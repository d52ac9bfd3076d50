package import Hummingbird
import Transfer

/// What goes with a request on its way to its answer.
package struct WebContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The other end of the connection; nil: it has no address.
    let peer: IPAddress?

    package init(source: ApplicationRequestContextSource) {
        self.init(source: source, peer: source.channel.remoteAddress?.client)
    }

    init(source: ApplicationRequestContextSource, peer: IPAddress?) {
        coreContext = CoreRequestContextStorage(source: source)
        self.peer = peer
    }
}
