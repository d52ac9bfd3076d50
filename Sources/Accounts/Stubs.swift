package import MySQL
package enum AuditAction: String, CaseIterable, Sendable { case signIn = "sign_in", signInFailed = "sign_in_failed", signInThrottled = "sign_in_throttled", signOut = "sign_out", taskCreate = "task.create", taskEdit = "task.edit", taskCancel = "task.cancel", taskRun = "task.run", taskRetry = "task.retry", taskDuplicate = "task.duplicate", bulkRetry = "bulk.retry", bulkCancel = "bulk.cancel", quarantineRetry = "quarantine.retry", quarantineDelete = "quarantine.delete", queuePause = "queue.pause", queueResume = "queue.resume", userAdd = "user.add", userEdit = "user.edit", userPassword = "user.password", userDisable = "user.disable", userEnable = "user.enable", userDelete = "user.delete" }
package struct AuditEvent: Sendable { package var actor: String, userID: Int?, address: String, userAgent: String, action: AuditAction, subject: String, before: String?, after: String?
  package init(actor: String, userID: Int?, address: String, userAgent: String, action: AuditAction, subject: String, before: String?, after: String?) { self.actor = actor; self.userID = userID; self.address = address; self.userAgent = userAgent; self.action = action; self.subject = subject; self.before = before; self.after = after } }
package struct RecordedAuditEvent: Sendable { package var at: Timestamp; package var event: AuditEvent }
package struct AuditFilter: Sendable { package var actor: String?, subject: String?, action: AuditAction?; package init() {} }
package struct AuditLog: Sendable { package func record(_ e: AuditEvent) async throws {}
  package func events(_ f: AuditFilter, before: UInt64?, limit: Int) async throws -> (events: [RecordedAuditEvent], next: UInt64?) { fatalError() } }
extension UserStore { package func update(_ p: UserProfile) async throws {}; package func delete(_ n: String) async throws {}
  package func upgradePassword(of n: String, _ h: PasswordHash) async throws {} }
extension NewPassword { package init(imported: String) throws { fatalError() } }
extension AuditLog { package init(_ p: ConnectionPool, prefix: String) {} }
extension UserStore { package static let firstAdministrator = "admin"; package func addFirstAdministrator(_ h: PasswordHash) async throws -> Bool { false } }
