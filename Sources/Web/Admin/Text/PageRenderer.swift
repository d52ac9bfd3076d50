import Mustache

/// Makes HTML of templates; they are compiled in and parsed once.
enum PageRenderer {
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(SafeHTML(), named: SafeHTML.name)
        var library = MustacheLibrary()
        let suffix = ".mustache"
        for file in EmbeddedFiles.all where file.name.hasSuffix(suffix) {
            do {
                // A partial does not inherit the content type of the page that it stands in.
                try library.register(
                    "{{% CONTENT_TYPE: \(SafeHTML.name)}}" + file.text, named: String(file.name.dropLast(suffix.count)))
            } catch {
                preconditionFailure("\(file.name): \(error)")
            }
        }
        return library
    }()

    static func html(_ template: String, _ content: Any) -> String {
        guard let html = library.render(content, withTemplate: template) else {
            preconditionFailure("there is no template \(template)")
        }
        return html
    }
}
