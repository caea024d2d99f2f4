# Loaded by the Python processes of `pinstripe exec`: a connection to one of the API's hosts leads to the server on this machine,
# and trusts that server alone, so that none can reach the real API. No other connection is touched.
import os
import sys

# Older ones start as they would without this.
_IS_KNOWN = sys.version_info >= (3, 7)
if _IS_KNOWN:
    import _thread

_HOSTS = frozenset("{{hosts}}".split(" "))
_HTTPS, _HTTP = int("{{https_port}}"), int("{{http_port}}")
_PORTS = {443: _HTTPS, "443": _HTTPS, "https": _HTTPS, 80: _HTTP, "80": _HTTP, "http": _HTTP}
_AUTHORITY = "{{authority}}"

# What the names of the API are resolved to. Whoever connects may have kept the address of a look-up and not its port.
_PLACEHOLDER = "127.83.84.82"


def _text(value):
    return value.decode("ascii", "replace") if isinstance(value, (bytes, bytearray)) else value


def _is_ours(host):
    host = _text(host)
    return isinstance(host, str) and host.lower().rstrip(".") in _HOSTS


def _redirected(host, port):
    """The address of the server here for one of a host of the API, any other as it is."""
    ours = _PORTS.get(_text(port)) if _is_ours(host) or _text(host) == _PLACEHOLDER else None
    return (host, port) if ours is None else ("127.0.0.1", ours)


def _patch_connect(socket_class):
    connect, connect_ex = socket_class.connect, socket_class.connect_ex

    def of(address):
        return _redirected(*address) if isinstance(address, tuple) and len(address) == 2 else address

    socket_class.connect = lambda sock, address: connect(sock, of(address))
    socket_class.connect_ex = lambda sock, address: connect_ex(sock, of(address))


def _patch_socket(socket):
    low = sys.modules["_socket"]

    def patch_lookup(name):
        look_up = getattr(low, name)
        redirected = lambda host, *args, **kwargs: look_up(_PLACEHOLDER if _is_ours(host) else host, *args, **kwargs)
        setattr(low, name, redirected)
        if getattr(socket, name) is look_up:
            setattr(socket, name, redirected)

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        patch_lookup(name)
    _patch_connect(socket.socket)


def _patch_ssl(ssl):
    context_class = ssl.SSLContext
    wrap_socket, wrap_bio = context_class._wrap_socket, context_class._wrap_bio
    set_alpn_protocols = context_class.set_alpn_protocols

    def twin(context):
        """A context that is like another and trusts the server here alone."""
        made = getattr(context, "_pinstripe_twin", None)
        if made is None:
            made = type(context)(context.protocol)
            made.check_hostname = False
            made.verify_mode = context.verify_mode
            made.check_hostname = context.check_hostname
            made.verify_flags = context.verify_flags
            made.options = context.options
            if context.verify_mode != ssl.CERT_NONE:
                made.load_verify_locations(cafile=_AUTHORITY)
            protocols = getattr(context, "_pinstripe_alpn", None)
            if protocols:
                set_alpn_protocols(made, protocols)
            # Its own twin as well: the inner one of two `exec` around each other says whom to trust.
            context._pinstripe_twin = made._pinstripe_twin = made
        return made

    def of(context, args, kwargs):
        server_side = args[1] if len(args) > 1 else kwargs.get("server_side", False)
        host = args[2] if len(args) > 2 else kwargs.get("server_hostname")
        return twin(context) if not server_side and _is_ours(host) else context

    def keep_alpn_protocols(context, protocols):
        context._pinstripe_alpn, context._pinstripe_twin = list(protocols), None
        set_alpn_protocols(context, protocols)

    context_class.set_alpn_protocols = keep_alpn_protocols
    # `socket, server_side, server_hostname`, and for the other `incoming, outgoing` instead of the socket.
    context_class._wrap_socket = lambda context, *args, **kwargs: wrap_socket(of(context, args, kwargs), *args, **kwargs)
    context_class._wrap_bio = lambda context, *args, **kwargs: wrap_bio(of(context, args[1:], kwargs), *args, **kwargs)


def _patch_uvloop(uvloop):
    """Its loops look names up and connect without Python's sockets."""
    getaddrinfo, create_connection = uvloop.Loop.getaddrinfo, uvloop.Loop.create_connection

    # What is returned is awaited: Python 2 reads this file as well, and knows no `async`.
    def redirected_getaddrinfo(loop, host, port, **kwargs):
        return getaddrinfo(loop, _PLACEHOLDER if _is_ours(host) else host, port, **kwargs)

    def redirected_connection(loop, factory, host=None, port=None, **kwargs):
        if _is_ours(host) and kwargs.get("ssl") and kwargs.get("server_hostname") is None:
            kwargs["server_hostname"] = host
        return create_connection(loop, factory, *_redirected(host, port), **kwargs)

    uvloop.Loop.getaddrinfo, uvloop.Loop.create_connection = redirected_getaddrinfo, redirected_connection


def _patch_aiohttp_resolver(resolver):
    """With aiodns, aiohttp looks names up without Python's sockets."""
    resolve = resolver.AsyncResolver.resolve

    def redirected(self, host, *args, **kwargs):
        if _is_ours(host):
            return resolver.ThreadedResolver().resolve(host, *args, **kwargs)
        return resolve(self, host, *args, **kwargs)

    resolver.AsyncResolver.resolve = redirected


class _Loader(object):
    """Loads a module as its own loader does, and changes it then."""

    def __init__(self, loader, patch):
        self._loader, self._patch = loader, patch

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._patch(module)


class _Finder(object):
    """Finds nothing itself: what is not imported costs a program nothing."""

    def __init__(self, patches):
        # For as long as the process runs: a module may be looked for and not loaded, or loaded twice.
        self._patches = patches
        self._asking = set()

    def find_spec(self, name, path=None, target=None):
        patch = self._patches.get(name)
        # Another finder may ask all of them, and so this one again.
        asking = (name, _thread.get_ident())
        if patch is None or asking in self._asking:
            return None
        self._asking.add(asking)
        try:
            return self._find_with_others(name, path, target, patch)
        finally:
            self._asking.discard(asking)

    def _find_with_others(self, name, path, target, patch):
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, patch)
                return spec
        return None


def _chain():
    """Runs the `sitecustomize` that would have run without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [path for path in sys.path if os.path.abspath(path) != here]
    this = sys.modules.pop("sitecustomize", None)
    path, sys.path[:] = list(sys.path), others
    try:
        import sitecustomize
    except ImportError as error:
        # Python 2 does not say which module is missing.
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = this
    finally:
        sys.path[:] = path


def _install():
    patches = {
        "socket": _patch_socket,
        "ssl": _patch_ssl,
        "gevent._socket3": lambda gevent: _patch_connect(gevent.socket),
        "uvloop": _patch_uvloop,
        "aiohttp.resolver": _patch_aiohttp_resolver,
    }
    for name in [name for name in patches if name in sys.modules]:
        patches[name](sys.modules[name])
    sys.meta_path.insert(0, _Finder(patches))


# First: of two `exec` around each other the inner one is meant, and what is changed last is asked first.
try:
    _chain()
finally:
    if _IS_KNOWN:
        _install()
