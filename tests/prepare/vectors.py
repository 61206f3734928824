"""Digests that others published or that anybody can compute, each with its origin."""

from __future__ import annotations

HELLO = "1753bdb368271a785887ddbfb926164f2f7c6a88f609c07ff0401c5572955206"

# Cell → digest, where the rule is Rokt's or agrees with it: white space away, lower case.
AGREED = {
    # Rokt, custom audience import page
    "hello@example.com": HELLO,
    "HELLO@EXAMPLE.COM": HELLO,
    # segmentio/action-destinations, rokt-audiences, upsertCustomAudiences
    "test.email@test.com": "d2a904f42a7f3632a0b9df96d33071b7ea31517d38fe3a8b1333f1ccec475f8c",
    # google/megalista, ads_user_list_pii_hashing_mapper_test
    "john@doe.com": "d709f370e52b57b4eb75f04e2b3422c4d41a05148cad8f81776d94a048fb70af",
    # Snapchat/business-sdk-python, test_util
    "    test123@example.com  ": "20b82517b67108ed3a171539dc5dd1da605660249b02f38dd70f572a545c7d18",
    # segmentio/action-destinations, facebook-conversions-api-web, hashing.test
    "test@example.com": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b",
    # segmentio/action-destinations, liveramp-audiences, operations.test
    "user@example.com": "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514",
    # segmentio/action-destinations, pull request 2668
    "Test@gmail.com": "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674",
    "testuser@googlemail.com": "06bfc6aa38674253530e62f2b585d63e3786cbb759b81b73df34ae80894d8813",
    # facebookarchive/offline-conversion-file-uploader, e2e-test
    "test@fb.com": "3543d7a8b7297327150070f302d3130fa70f2999e72948e957c38d66f5be5291",
    # TikTok, supported identifiers
    "janedoe@gmail.com": "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
    # rudderlabs/rudder-transformer, google_adwords_remarketing_lists
    "user.name+NYC@Example.com": "f109a2a632fbcea5fc82049f50beed3d8621bf9034399f437fb622222acccdac",
}

# Unicode: composed form, domain as written, dotted capital I in two characters, ß kept.
UNICODE = {
    "jose\u0301@example.com": "b0a53cf19e34d05b57bced7365c6b00ddbe38d62957e863de2a66a56c3b42cea",
    "info@bücher.example": "1bca09963638241abee731db034efd25a0ab7de3953e5fbd36a19200474665d4",
    "info@xn--bcher-kva.example": (
        "6dbb17f0a7b319ee2a326bdc6ec323c1332732edccd7452b52bb6679b4c5d015"
    ),
    "\u0130@example.com": "7ab308b28062f8d61e9ba303027302b44d50684c92f75120e536b8d024cef04a",
}

# Cell → (digest under the rule of another platform, digest under Rokt's).
DISPUTED = {
    # google/megalista: dots of Gmail removed
    "ca.us@gmail.com": (
        "93d8aed730ac1b81df54d22efa758fc707f9f2763b59769d1f36c9ce9ff160b0",
        "2ec7a8df9ba742a3735cf7a38a2ca6a886f7762d0d0ddd16fd0d24ad0de115e1",
    ),
    # rudderlabs/rudder-transformer: dots and plus tag removed
    "Jane.Doe+Shopping@googlemail.com": (
        "338abf9ef1c8793cadc7bcf51ed595338eb727ed9e06ce3d91d566d60b975937",
        "94789d76aaea8cb4994c57747868a4809bd7da6b6d677c5a2f54bfc9296783a1",
    ),
    "a.b.c@gmail.com": (
        "48ddb93f0b30c475423fe177832912c5bcdce3cc72872f8051627967ef278e08",
        "f1e76446b17660541d845ce344883f01adfd6d24a5a3b2c2ac799c66b0318509",
    ),
    # Amazon Marketing Cloud uploader: every sign but letters, dot, @ and hyphen removed
    "a+b@x.com": (
        "211f828b5a531d9c0886467e1b277d630e636157e86b4eaf5169b4ac3808ff96",
        "cbef0d20204bded93dbd275e8b0342df0a3d4d48053c4904c8ad4447c2d727b0",
    ),
    "o'brien@x.com": (
        "bb2241a2701eb9a6ae9e4ed34b7c6c0f21d7f565950c069856b8f0dea199918d",
        "1322ea1edc118237d1ee67a36120a40fc03ce2b168ceae57b875f93f3dc6838f",
    ),
    # googleads/google-ads-python, add_customer_match_user_list: not lowered
    "Dana@Example.com": (
        "6b46dfd9c740abe16d25ecbc67b0c60762ecc834822167709049be8cb46cfc84",
        "07e2f1394b0ea80e2adca010ea8318df697001a005ba7452720edda4b0ce57b3",
    ),
    # TikTok: plus tag removed for every domain
    "firstname+tag@gmail.com": (
        "aa70fdbf0af5726a11309d30db896f18f797301bc5aad83776994e41c3a70f2e",
        "c04d86a6fb402ec0652a76d41f2609cf0a6cf6015f503ed4ba320eb7fdfb16f6",
    ),
}

# How hello@example.com is hashed wrongly: what the cell held → the digest of exactly that.
MISHAPS = {
    "HELLO@EXAMPLE.COM": "613616f01dd9abcec34ef55d97d7fc9ae9f6618aab6454afa9eb7f4862ce379f",
    "hello@example.com\n": "32c6542f40a1fd9e89f2a97ea6f2cf5b2e31635ed33294e926318def44f51fe5",
    "hello@example.com\r": "905e68130d9e305f668056fe2745db97d4640dc2aa765ccbca979002210c3acb",
    "hello@example.com\r\n": "7b5ab1e5141144fa141c56887d99229f3824ad6318fd57240957826b4942f9ce",
    "\ufeffhello@example.com": "256e737dc007eb617f8c54a3e1f6bd47a65bf7e3651776ab2b16a36c12419098",
    "hello@example.com ": "a85efd0ff7c0a5d9d2c4fbd83d53bf7232e57bfaf7a7b05cdf1dbfb1f7828cf8",
    "hello@example.com\xa0": "a9810b3d75f84dc195c7d5596137250e0af7ff433839f01acb4c3a158bdb9d96",
    "hello@example.com\u200b": "14826fceecd5fe42d721b46e55f2f81d5eab5ec5ef9ff43e56e8d7c46d6a18a4",
    '"hello@example.com"': "6b211ea8e6f6ed1b23f10869267e51c4542e6e9030b068b27ea9f3846f951673",
    "mailto:hello@example.com": "86cbd5a7c511eb8c18f7c7064829c1e8eb73d0ee0a7d5267485dea04c9ac9f39",
    HELLO: "0c0925878f8cbd73f922a98ad964d722c9e266df1e95e3b133c020b8502b2e01",
    HELLO.upper(): "7809ef6ffae3f36558f907695222c5bfa81a1b98b202078a0dbb07452678783d",
}

# Digests of what exports write where there is no value.
POISON = {
    "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "nan": "9b2d5b4678781e53038e91ea5324530a03f27dc1d0e5f6c9bc9d493a23be9de0",
    "NaN": "d5b592c05dc25b5032553f1b27f4139be95e881f73db33b02b05ab20c3f9981e",
    "none": "140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe",
    "None": "dc937b59892604f5a86ac96936cd7ff09e25f18ae6b758e8014a24c7fa039e91",
    "null": "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
    "NULL": "fb329000228cc5a24c264c57139de8bf854fc86fc18bf1c04ab61a2b5cb4b921",
    "n/a": "a683c5c5349f6f7fb903ba8a9e7e55d0ba1b8f03579f95be83f4954c33e81098",
    "N/A": "e2f79e5b60330bba4c289962231b6ba2957d0b14e7deb3110417003c79dea635",
    "#N/A": "7526c6e7e976745abb3aa27c5eb0a1002637e55eaeda2da59f8cbb80ea916f88",
    "na": "3d9fc4bde7ceef058d65b00186e79c1f14b42687b491644c303065135b644e18",
    "undefined": "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c",
    "email": "82244417f956ac7c599f191593f7e441a4fafa20a4158fd52e154f1dc4c8ed92",
    "Email": "969ccbd3cf6300ecd5c880459d81ae9027df7517563184a1b8b15282db230621",
    "EMAIL": "72d90af393d610727bdf1fa58d1010c116f263ae7ce096eeb7eb36c2ae646791",
    "email_address": "e2ef8579aa7f9f6d78ca05f370875f235bfaa37e9be2f8b1b6fa4453820d84c8",
    "emailaddress": "2a9a3df163eb51f339dc573ed2ecc07a235b8e98ae0b5d19b05f64ad135dd79f",
    "e-mail": "39e0749da40f625e3ac47efdf64b79fa28f8aad01f3c2746176ea4a03a9e98e1",
    "unknown": "b23a6a8439c0dde5515893e7c90c1e3233b8616e634470f20dc4928bcf3609bc",
    "false": "fcbcf165908dd18a9e49f7ff27810176db8e9f63b4352213741664245224f8aa",
    "0": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
    "-": "3973e022e93220f9212c18d0d0c543ae7c309e46640da93a4a0314de999f5112",
    " ": "36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068",
    "\n": "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
    "\r\n": "7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6",
}
