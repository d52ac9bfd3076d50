#ifndef SCHEDULERD_CMARIADB_SHIM_H
#define SCHEDULERD_CMARIADB_SHIM_H

#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <string.h>

// mysql_optionsv is variadic, which Swift cannot call; these are its typed forms.
static inline int schedulerd_option_uint(MYSQL *mysql, enum mysql_option option, unsigned int value) {
    return mysql_optionsv(mysql, option, &value);
}
static inline int schedulerd_option_bool(MYSQL *mysql, enum mysql_option option, int value) {
    my_bool flag = (my_bool)(value != 0);
    return mysql_optionsv(mysql, option, &flag);
}
static inline int schedulerd_option_text(MYSQL *mysql, enum mysql_option option, const char *value) {
    return mysql_optionsv(mysql, option, value);
}

// MYSQL_BIND holds a union and bit fields that Swift imports awkwardly: the five kinds of binding in use.
static inline void schedulerd_bind_null(MYSQL_BIND *bind) {
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = MYSQL_TYPE_NULL;
}
static inline void schedulerd_bind_integer(MYSQL_BIND *bind, long long *value, int isUnsigned) {
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = MYSQL_TYPE_LONGLONG;
    bind->buffer = value;
    bind->is_unsigned = (my_bool)(isUnsigned != 0);
}
static inline void schedulerd_bind_double(MYSQL_BIND *bind, double *value) {
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = MYSQL_TYPE_DOUBLE;
    bind->buffer = value;
}
static inline void schedulerd_bind_bytes(MYSQL_BIND *bind, void *bytes, unsigned long length, int isText) {
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = isText ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
    bind->buffer = bytes;
    bind->buffer_length = length;
}
static inline void schedulerd_bind_datetime(MYSQL_BIND *bind, MYSQL_TIME *value) {
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = MYSQL_TYPE_DATETIME;
    bind->buffer = value;
}

#endif
