-- Secrets with which calls to a destination are signed, beside those of the configuration.

CREATE TABLE {prefix}destination_secrets (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    destination_id INT UNSIGNED NOT NULL,
    sealed VARBINARY(255) NOT NULL COMMENT 'Encrypted with signing.database_key for the destination''s url: AES-256-GCM, nonce, ciphertext, tag',
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY destination (destination_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin
COMMENT = 'Of each destination at most two, both valid';
