#ifndef SCHEDULERD_CZLIB_SHIM_H
#define SCHEDULERD_CZLIB_SHIM_H

#include <zlib.h>

#endif
