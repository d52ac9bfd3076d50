#ifndef SCHEDULERD_CCRYPT_SHIM_H
#define SCHEDULERD_CCRYPT_SHIM_H

#include <crypt.h>

#endif
