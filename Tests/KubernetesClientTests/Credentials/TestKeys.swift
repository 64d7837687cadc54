/// Key forms that the certificate library reads but does not write, made once with openssl and good for nothing else.
enum TestKeys {
  /// Self-signed, `CN=rsa`.
  static let rsaCertificate = """
    -----BEGIN CERTIFICATE-----
    MIIC/zCCAeegAwIBAgIUUj9Y48HvWg2G2gQNAQ9Sdj9ZGTUwDQYJKoZIhvcNAQEL
    BQAwDjEMMAoGA1UEAwwDcnNhMCAXDTI2MTEyMDIxNDI1MFoYDzIxMjYxMDI3MjE0
    MjUwWjAOMQwwCgYDVQQDDANyc2EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
    AoIBAQCsT1Ng+fB4eFi9UH4O0GACNOyUsDmjHwYx4lMtSSvZqa8TuRmw7o6nOEHt
    mWFMYZvM8UDCyor5wWpzZcx2zgVeimUPMIbcAaQ8cjE047mUJfmtt0CceQjtTjYO
    rOZtoMc0UOCp5Aekwoadhi9XU7Z/RQ7nW0t/lanRh9/Qp7QaZDrliu0U00eSw4lt
    Fs6MppVLkozMTXIRulTIpizUtKg4osNBanxZbDd3RzRhUYPief33imyU07cBIz26
    HTtFeuLeQ/1v0+eXxfyhtQM6doyCYmwFzV7b/lNWDE/g+SBuR8yHPc9q4VMyPN2A
    6t3myO8yYSGAOOVDIN2xfQLz3sU5AgMBAAGjUzBRMB0GA1UdDgQWBBTwtHXsmpQw
    RQpMJdAllJ+E0uJ0zTAfBgNVHSMEGDAWgBTwtHXsmpQwRQpMJdAllJ+E0uJ0zTAP
    BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQBjmqLx64B0+hF9sPMV
    lvt90v9MoDGA3hVWqKMGr8o2VN1gpS+BnIp9M6aWDDIFFjd2M8yiOsXbRcl0Dqaq
    sEN8WrySS26ENUOmtFqCpcdunA4hfLuOMp9nuFj8l2BZ4Yd9Qjm5++ynq9uOm3ja
    fu8amYzUlSn908LRtjx3gat0JUgYV1YxA5vmbAPdkXYp6dSqZHK5uw0MrggfDIeg
    +yyo4ci2B+jj/cykVQNipoR0kBzsUTBkxVTr+pPC2SgPBTk7pRN6sDWuv7F9+YbX
    HQFikqZnqdplv2yj1fnkCh6pwsXdslVfq7lvB2nbciceV1aAukjkS+EjzDZDqSMB
    Zfrx
    -----END CERTIFICATE-----
    """

  /// The key of ``rsaCertificate``, PKCS#1.
  static let rsaPKCS1 = """
    -----BEGIN RSA PRIVATE KEY-----
    MIIEpQIBAAKCAQEArE9TYPnweHhYvVB+DtBgAjTslLA5ox8GMeJTLUkr2amvE7kZ
    sO6OpzhB7ZlhTGGbzPFAwsqK+cFqc2XMds4FXoplDzCG3AGkPHIxNOO5lCX5rbdA
    nHkI7U42DqzmbaDHNFDgqeQHpMKGnYYvV1O2f0UO51tLf5Wp0Yff0Ke0GmQ65Yrt
    FNNHksOJbRbOjKaVS5KMzE1yEbpUyKYs1LSoOKLDQWp8WWw3d0c0YVGD4nn994ps
    lNO3ASM9uh07RXri3kP9b9Pnl8X8obUDOnaMgmJsBc1e2/5TVgxP4PkgbkfMhz3P
    auFTMjzdgOrd5sjvMmEhgDjlQyDdsX0C897FOQIDAQABAoIBAAMgn3VLpAszt/yb
    qOYQ7yUrG74pIqqsxfqCzpqsUNDvDP/xJJ+6/LjZQw0ScxslTGQgXtoKPhKBabK1
    fswLOjq4jVQEv/XfS8FTG0SH+5bOR6VZBaGxarGP8Vg72CTWPbdb3nAG9QKPC01x
    oYtWuCHAOaCGXizvJPlqG2xYluLBtlHisGULgYQhKUIxJHrSklmpzqK7+C37bD4l
    8M23GLHZXvjRCUPVZ0zsK/GSzGOpo4SEdB1duQiILBjh2bCRqBgQWvejPGx0MBGR
    vnXD9yDY/7Tpcd+bOvd27gxTrxoCaePDo7i8n3Bs1/KL5Q5YfmTMkkAJ4j8e101d
    Qcou2f8CgYEA4Gw05n14TGsaEUCGQ25uhYVrvFdP/wLx3rCXBD/kxQUj547Cpzyp
    3gmlDGbz5JW8xQfjZRhQwEHE4wcKBZuUzkVq8CgyMJFQywd5RPeQJfUr9Vr2WhQ3
    2gTjiGPrVQp6D3FSmctEp3eYloUNr9mdmshX4Sx+61hS+p0/SF9fAMcCgYEAxI3+
    sfX25Guh2nO3B7xkW+j7mVpH00UaaQ7ff5pSU/x+W9GlH+2XK2jMC2i4PIYWmyYb
    wXjjS3zuF1M1FzpXknOEybQOme4dReKWILiIKJwJCopPQ2W4yrwJWttEzDWHYnDy
    9daiHveYQKib8n4KIodQJ42y0A6C5pYBAS8aCf8CgYEAnL83G52a/lT3+gDFRifF
    jgCoRP3+47Bc2xsf/1nZITr73um5TzFxu6Gk48qsooVrOXrO+ndHP2EwcRkjiNMn
    1gJqNJ7+nyl/8q6fpun6hmh9cXs9AaGJeP9dJJAVeGo+4rZV6REuPIGt08PO0Xn/
    OHKh3qZDZ4FjQ6O85YGnS1UCgYEAmooqXzHM1PvrXh7tIZ/2KG2epIxfPLVwdnnD
    MEjdwjsb/oVvFxNvcCoNhErp0Gx9Ca+E0zGBRLENYjmB3Kl6gSNinFR9xnl5eqEU
    +NUd+Q/169ujRpKMIJqHoHAWP5k2wSedX71J6p8xjmUDeD2xKkTJuM+ob/143mPC
    lnO6PXECgYEArKRdbobLbjLPxYBDHx74xKFLjHvvxVnxh58ylHOMzmpnCcIq5FAd
    gr9+IwpHEjtNwlkEIqnb1hswk97dnYzqvhvg1FH3IZLpCpGf0J0XfBhsG9Pwh+r0
    ck3ML1krbzQoaiOTUuxestJYpZHKdJenBUcclRGPFF0QauPKaJyT/i0=
    -----END RSA PRIVATE KEY-----
    """

  /// Self-signed, `CN=ec`.
  static let ecCertificate = """
    -----BEGIN CERTIFICATE-----
    MIIBcDCCARegAwIBAgIUM8UOrz03N1RkkYu1KE2Juw4Y6zkwCgYIKoZIzj0EAwIw
    DTELMAkGA1UEAwwCZWMwIBcNMjYxMTIwMjE0MjUwWhgPMjEyNjEwMjcyMTQyNTBa
    MA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/8MvfCBC
    dgmUbc8qPDAqjevHyyeJV+mfoB9hbn8MonDWroxn/lFrZ0r3MKmsdgnQNl13vMSp
    QzCVZdSCLYWyyqNTMFEwHQYDVR0OBBYEFKBKCT04z2+2tuADiQg2TY3CWcrPMB8G
    A1UdIwQYMBaAFKBKCT04z2+2tuADiQg2TY3CWcrPMA8GA1UdEwEB/wQFMAMBAf8w
    CgYIKoZIzj0EAwIDRwAwRAIgZ3FyPSgg+B2B2lpbBrk9eUE44ufXptBJZDk49pRX
    5EMCIDU0fqYPwaLelyVCSl7+CWUmZRFQE1AOVgTVtdMiuOJ8
    -----END CERTIFICATE-----
    """

  /// The key of ``ecCertificate``, SEC1 behind its curve's parameters.
  static let ecSEC1 = """
    -----BEGIN EC PARAMETERS-----
    BggqhkjOPQMBBw==
    -----END EC PARAMETERS-----
    -----BEGIN EC PRIVATE KEY-----
    MHcCAQEEIDDQ8iQrK32xU7muqDcvq6sLKZWOVtPYy25Tix0t/0KzoAoGCCqGSM49
    AwEHoUQDQgAE/8MvfCBCdgmUbc8qPDAqjevHyyeJV+mfoB9hbn8MonDWroxn/lFr
    Z0r3MKmsdgnQNl13vMSpQzCVZdSCLYWyyg==
    -----END EC PRIVATE KEY-----
    """
}
