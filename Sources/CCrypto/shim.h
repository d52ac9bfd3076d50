#ifndef SCHEDULERD_CCRYPTO_SHIM_H
#define SCHEDULERD_CCRYPTO_SHIM_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#endif
