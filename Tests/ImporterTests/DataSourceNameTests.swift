import MySQL
import Testing

@testable import Importer

struct DataSourceNameTests {
    @Test(
        arguments: [
            ("mysql://root@127.0.0.1/gin", "root", nil, "127.0.0.1", 3306, "gin"),
            ("mysql://root:p@db.example:3307/gin", "root", "p", "db.example", 3307, "gin"),
            ("mysql://a%40b:p%3A%2F%25@[::1]:3307/g%20n?charset=utf8", "a@b", "p:/%", "::1", 3307, "g n"),
            ("mysql://root:@h/gin", "root", "", "h", 3306, "gin"),
            (
                "root:root@tcp(127.0.0.1:3306)/gin?charset=utf8&parseTime=True&loc=Local", "root", "root", "127.0.0.1",
                3306, "gin"
            ),
            ("u:p@:/x@tcp([fe80::1]:1)/g", "u", "p@:/x", "fe80::1", 1, "g"),
            ("u@tcp(h)/g", "u", nil, "h", 3306, "g"),
            ("u@/g", "u", nil, "127.0.0.1", 3306, "g"),
            ("u@tcp/g", "u", nil, "127.0.0.1", 3306, "g"),
        ] as [(String, String, String?, String, Int, String)])
    func read(_ text: String, _ user: String, _ password: String?, _ host: String, _ port: Int, _ database: String)
        throws
    {
        let name = try DataSourceName(text)
        #expect(name.options.user == user)
        #expect(name.password == password)
        #expect(name.options.host == host)
        #expect(name.options.port == port)
        #expect(name.options.database == database)
        #expect(name.options.isOnlyRead)
    }

    @Test func aSocket() throws {
        #expect(try DataSourceName("u:p@unix(/run/mysqld/mysqld.sock)/g").options.socket == "/run/mysqld/mysqld.sock")
    }

    @Test(arguments: [
        "", "gin", "mysql://", "mysql://h/gin", "mysql://u@h", "mysql://u@h/", "mysql://@h/g", "mysql://u:secret@h:x/g",
        "mysql://u:secret@h:0/g", "mysql://u:secret%4@h/g", "mysql://u:secret%FF@h/g", "u:secret@h:1/g",
        "u:secret@pipe(x)/g", "tcp(h)/g", "u:secret@tcp(h:70000)/g",
    ])
    func refusedWithoutThePassword(_ text: String) {
        let problem = #expect(throws: DataSourceName.Malformed.self) { try DataSourceName(text) }
        #expect(problem?.description.contains("secret") == false)
    }
}
