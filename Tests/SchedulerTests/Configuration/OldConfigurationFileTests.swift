import Scheduler
import Testing

/// The configuration file of the delay_queue program, as it is.
@Suite struct OldConfigurationFileTests {
    static let file = """
        server:
          host: 0.0.0.0
          port: 8080
          read_timeout: 10 #超时秒数
          write_timeout: 10
          max_header_bytes: 0 #为0使用默认 1<<20
          views_pattern: view/*/*.html
          left_delims:  #模板渲染分隔符 - 左
          right_delims: #模板渲染分隔符 - 右
          env: release
        static_version:
          js: 0.0.0
          css: 0.0.0
        master_db:
          host: 127.0.0.1
          port: 3306
          db_name: gin
          db_user: root
          db_pwd: root
          prefix: hs_
          db_charset: utf8
          db_max_open_conns: 20
          db_max_idle_conns: 10
          db_max_lifetime_conns: 7200
        slave_db:
          host: 127.0.0.1
          port: 3306
          db_name: gin
          db_user: root
          db_pwd: root
          prefix: hs_
          db_charset: utf8
          db_max_open_conns: 20
          db_max_idle_conns: 10
          db_max_lifetime_conns: 7200
        redis:
          host: 127.0.0.1
          port: 6379
          # db_name: 0
          # db_pwd: root
          db_max_open_conns: 20
          db_max_idle_conns: 0
          db_max_lifetime_conns: 0
        session:
          key_pairs: secret
          name: GOSESSIONID
        queue:
          key: delay_queue_task
          slot: 60
          time_interval: 10
          max_retry_num: 6
          retry_default_time: 60
          retry_time_config: [1_5,2_15,3_30,4_180,5_3600,6_7200]

        """

    @Test func keysKeepTheirMeaning() throws {
        let configuration = try Configuration.load(yaml: Self.file, name: "config.yaml").configuration

        #expect(configuration.server.host == "0.0.0.0")
        #expect(configuration.server.port == 8080)
        #expect(configuration.server.readTimeout == .seconds(10))
        #expect(configuration.server.writeTimeout == .seconds(10))
        #expect(configuration.server.maxHeaderBytes == 1 << 20)

        #expect(configuration.masterDB.host == "127.0.0.1")
        #expect(configuration.masterDB.port == 3306)
        #expect(configuration.masterDB.name == "gin")
        #expect(configuration.masterDB.user == "root")
        #expect(configuration.masterDB.password == "root")
        #expect(configuration.masterDB.prefix == "hs_")
        #expect(configuration.masterDB.maxOpenConnections == 20)
        #expect(configuration.masterDB.maxIdleConnections == 10)
        #expect(configuration.masterDB.maxConnectionLifetime == .seconds(7200))
        #expect(configuration.slaveDB == configuration.masterDB)

        #expect(configuration.redis.host == "127.0.0.1")
        #expect(configuration.redis.port == 6379)
        #expect(configuration.redis.database == 0)
        #expect(configuration.redis.password == nil)
        #expect(configuration.redis.maxOpenConnections == 20)
        #expect(configuration.redis.maxIdleConnections == 0)
        #expect(configuration.redis.maxConnectionLifetime == nil)

        #expect(configuration.session.name == "GOSESSIONID")
        #expect(configuration.queue.key == "delay_queue_task")
        #expect(configuration.queue.slot == 60)
        #expect(configuration.queue.timeInterval == .seconds(10))
        #expect(configuration.queue.retryDefaultDelay == .seconds(60))
        #expect(configuration.queue.retryDelays == [5, 15, 30, 180, 3600, 7200].map { .seconds($0) })
    }

    @Test func everyKeyWithoutMeaningIsWarnedOfOnce() throws {
        let warnings = try Configuration.load(yaml: Self.file, name: "config.yaml").warnings
        #expect(
            warnings == [
                "config.yaml:7:3: server.views_pattern: has no meaning for schedulerd; ignored",
                "config.yaml:8:3: server.left_delims: has no meaning for schedulerd; ignored",
                "config.yaml:9:3: server.right_delims: has no meaning for schedulerd; ignored",
                "config.yaml:10:3: server.env: has no meaning for schedulerd; ignored",
                "config.yaml:12:3: static_version.js: has no meaning for schedulerd; ignored",
                "config.yaml:13:3: static_version.css: has no meaning for schedulerd; ignored",
                "config.yaml:45:3: session.key_pairs: has no meaning for schedulerd; ignored",
            ])
    }

    @Test func windowsLineEndsAndByteOrderMarkChangeNothing() throws {
        let file = "\u{FEFF}" + Self.file.replacing("\n", with: "\r\n")
        let loaded = try Configuration.load(yaml: file, name: "config.yaml")
        #expect(loaded == (try Configuration.load(yaml: Self.file, name: "config.yaml")))
    }
}
