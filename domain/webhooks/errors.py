"""Why can't an endpoint be told?"""

from kit.errors import Refusal


class AddressRefused(Refusal):
    """Fact: `address`, the part of the URL that nothing is sent to."""

    code = "ADDRESS_REFUSED"
    zh = "不允许向此地址发送：{address}。"
    en = "Nothing is sent to this address: {address}."

    def __init__(self, address: str) -> None:
        super().__init__(address=address)


class TooManyEndpoints(Refusal):
    """Fact: `limit`, how many there may be."""

    code = "TOO_MANY_ENDPOINTS"
    zh = "最多可设置 {limit} 个接收地址。"
    en = "There may be at most {limit} endpoints."

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class EndpointDisabled(Refusal):
    """Fact: `reason`, why it was disabled."""

    code = "ENDPOINT_DISABLED"
    zh = "该接收地址已停用：{reason}。"
    en = "This endpoint is disabled: {reason}."

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
