#pragma once

// Tokens and keys of an identity provider, made for these tests with keys that were thrown away.

namespace tollgate::test {

inline constexpr const char* kKeySet =
    R"({"keys":[{"kty":"RSA","use":"sig","kid":"r1","alg":"RS256","n":"qC4wBZ8D6IbzUWnyWbh6xSat)"
    R"(gs0-DwwDv0us0PQJS_BlB9fWOH88vA3vW63hmI10kuzowEtT0EjDt_yt9wBMEqRKtf16YXrplaRX8TcKlfA4HKIQ)"
    R"(zeudgCu8LkBcsVUA-HXWJx8O14Q2ZDCNg2lw1YyDra4GlZX3Kx8TDr4-A_tk0agS9A0C4bqfLjlznuhMMbeMEoFz)"
    R"(ZUE-vZ7v5U2GWZM3xEORE_6kEcr1oH2HNPCeX6l2wbE5GY_pHqmTNk1xUDim_fG_FtCBvDci1dDJWZcfYgjvjpcE)"
    R"(iokk5AyVQEtc0SD7PcMoJkoy9mqdRXtex_hOzE2xpqSAFLQWPNs9-Q","e":"AQAB"},{"kty":"EC","crv":"P)"
    R"(-256","kid":"e1","x":"5RpA8zwGpZcKWXkgM5DBAoqni2sAwBVV7Bt9DK8Og_g","y":"1JvgxZv394dghTVt)"
    R"(noe0R0xx8UsOkKIaHkz8K0IuaHo"},{"kty":"RSA","use":"enc","kid":"no","n":"qC4wBZ8D6IbzUWnyW)"
    R"(bh6xSatgs0-DwwDv0us0PQJS_BlB9fWOH88vA3vW63hmI10kuzowEtT0EjDt_yt9wBMEqRKtf16YXrplaRX8TcKl)"
    R"(fA4HKIQzeudgCu8LkBcsVUA-HXWJx8O14Q2ZDCNg2lw1YyDra4GlZX3Kx8TDr4-A_tk0agS9A0C4bqfLjlznuhMM)"
    R"(beMEoFzZUE-vZ7v5U2GWZM3xEORE_6kEcr1oH2HNPCeX6l2wbE5GY_pHqmTNk1xUDim_fG_FtCBvDci1dDJWZcfY)"
    R"(gjvjpcEiokk5AyVQEtc0SD7PcMoJkoy9mqdRXtex_hOzE2xpqSAFLQWPNs9-Q","e":"AQAB"},{"kty":"oct",)"
    R"("kid":"s","k":"AAAA"}]})";

inline constexpr const char* kRs256Token =
    R"(eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4)"
    R"(YW1wbGUvIiwiYXVkIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjo0MTAyNDQ0ODAwLCJlbWFpbCI6ImRldi0x)"
    R"(QGNvcnAuZXhhbXBsZSIsImdyb3VwcyI6WyJnLXBsYXRmb3JtIiwibm9ib2R5Il0sImF6cCI6ImNpIiwicmVhbG1f)"
    R"(YWNjZXNzIjp7InJvbGVzIjpbInBsYXRmb3JtIl19fQ.ZfE7f7T8HIFfYZaFvFSXP5zMuAhjNK6dEn-BCEq9s5EwP)"
    R"(fMN8d92ASJWHSHLdQU-UnT4QR6VyCDJmDs-bdmmXKLkeJPBhy69tk69CLgjYtK-hQULFpxQnhIjg02iBWDrJ_L7A)"
    R"(kYfH7UpsvgBX-zlcuWnN0YGZZ1emyYW3Z-V35COf-ZUtMwfYRlaBirzGqo5-xK025VqpOMlIA1twt72q77duiTG7)"
    R"(O3Tv-9MdEn-PEDALAU5Bp2XzJLV0n1uQ97O4LNG-4feVEgxFSdewZS6GqYhrkJ99f-3BKPbJjMavYbUbz-Kqe1gV)"
    R"(jNx4ruTlmPa0Ocws73KnUh2gnIWQyPrjQ)";

inline constexpr const char* kEs256Token =
    R"(eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4)"
    R"(YW1wbGUvIiwiYXVkIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjo0MTAyNDQ0ODAwLCJlbWFpbCI6ImRldi0x)"
    R"(QGNvcnAuZXhhbXBsZSIsImdyb3VwcyI6WyJnLXBsYXRmb3JtIiwibm9ib2R5Il0sImF6cCI6ImNpIiwicmVhbG1f)"
    R"(YWNjZXNzIjp7InJvbGVzIjpbInBsYXRmb3JtIl19fQ.2fuAEjxTrPaEcYK50QoOcg3t0bIFpAiF85WFoXW7qKa0B)"
    R"(Q34RhDrtNqP8r2uaOcCJBWiPz86gOhNYU0DWh_PHQ)";

inline constexpr const char* kNoKidToken =
    R"(eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4YW1wbGUvIiwiYXV)"
    R"(kIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjo0MTAyNDQ0ODAwLCJlbWFpbCI6ImRldi0xQGNvcnAuZXhhbXB)"
    R"(sZSIsImdyb3VwcyI6WyJnLXBsYXRmb3JtIiwibm9ib2R5Il0sImF6cCI6ImNpIiwicmVhbG1fYWNjZXNzIjp7InJ)"
    R"(vbGVzIjpbInBsYXRmb3JtIl19fQ.QD57LTB2DFyXVO3B9cnZJOIb3fC4hY9UnvyPTbpuK9wGmgI2eZsIwQPPhJl_)"
    R"(TI2PcRXmPMjw9g4tb-cUvxWJTIz_WN_VyEGp7QT5tGVRjHQkclQEnlF_zvpc-NurOVcbVC43lXZVxhUwU0eFgoIS)"
    R"(AaTwz_1Z3fTduzTK3O6CnEhbUxYY-ymlNphFMgOli8HkRtOWpSON5o_sOD8kIP-FZRUepXsvPmOi1nHqne89RTbO)"
    R"(V7inY_Ue-TrTeLdLu_5U67vs8PUt157yc4ju6nThzJA2HHpXCPbhpcAE9srHrd9BrKwasJcrI9dEttyldypQCcXP)"
    R"(xjpjScBHSmdIZlUU7w)";

inline constexpr const char* kOtherKidToken =
    R"(eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIyIn0.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4)"
    R"(YW1wbGUvIiwiYXVkIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjo0MTAyNDQ0ODAwLCJlbWFpbCI6ImRldi0x)"
    R"(QGNvcnAuZXhhbXBsZSIsImdyb3VwcyI6WyJnLXBsYXRmb3JtIiwibm9ib2R5Il0sImF6cCI6ImNpIiwicmVhbG1f)"
    R"(YWNjZXNzIjp7InJvbGVzIjpbInBsYXRmb3JtIl19fQ.V-SD1-83c6GFBQslXz1jxvXw8UmDccPahQM2FJq1nfk4p)"
    R"(-7U8p7fCoJpAwWaAAv5iSDOGQp4agqguS4WK3rTIwuE9ZHbekH00bq4TRoIUubhe52IXjw6euZrOy4kfmJ7RoXmY)"
    R"(9geOB4yGpH2gjuJ-Qvtu2jf6ajbtqY2OrPxO4vJVrnFE97fEcIaAtLY75NotI-lREPOnGub770S9450dD7ZdeNib)"
    R"(EPpL-sbSgdGskkvnUAz0v3MOmiVJLl3Rh5An98xBsuls7q9Pk7tWSauHdfcITRKJ5FVFDfxfP9MD2Nf9Xn6dDvdq)"
    R"(ofUHKCAHXsxa0Cvuyd56EJRrXk5vNjHsQ)";

inline constexpr const char* kExpiredToken =
    R"(eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4)"
    R"(YW1wbGUvIiwiYXVkIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjoxNjAwMDAwMDAwLCJlbWFpbCI6ImRldi0x)"
    R"(QGNvcnAuZXhhbXBsZSIsImdyb3VwcyI6WyJnLXBsYXRmb3JtIiwibm9ib2R5Il0sImF6cCI6ImNpIiwicmVhbG1f)"
    R"(YWNjZXNzIjp7InJvbGVzIjpbInBsYXRmb3JtIl19fQ.YjAaag5LQSXOMs7IYK0VGWDFpV4C9NUxNUDSJVWFLTLIH)"
    R"(iCsfJ5_MI9IIhfXEDCsJ04b3k9ADjUsNgP6M37gTp36KItr7DrdYQd0v_hTv8RRtzc0wWWWe9rk53GSM3KOVvjao)"
    R"(ShrUrJGIXzyp-eEP672EnOIMzu6tE97XrCbhkWQmnhPTZKZ8JWno6Yo0Usu95_-K3vQIPaTdG4ZJMRmFnfomhkcT)"
    R"(FF_A92m-sHXOFlm_w41nN5NhoJSpgkwqABHlGes13bgJ8ic0sIzNaD068fd9yvo7jgW880FwRrbQx_iO0UVwtuvg)"
    R"(QtmMeRYCiMXRFIXVbk-hdG7lb7iU4YVNg)";

inline constexpr const char* kBotToken =
    R"(eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkcC5jb3JwLmV4)"
    R"(YW1wbGUvIiwiYXVkIjpbInRvbGxnYXRlIiwib3RoZXIiXSwiZXhwIjo0MTAyNDQ0ODAwLCJncm91cHMiOlsiZy1w)"
    R"(bGF0Zm9ybSIsIm5vYm9keSJdLCJhenAiOiJjbGllbnQtY2kiLCJyZWFsbV9hY2Nlc3MiOnsicm9sZXMiOlsicGxh)"
    R"(dGZvcm0iXX19.TPdseQM84Gy5GUtwCrZ14pc2qjitZdKKM0Pgnom9hk7w0dV-31kBf9rOZjQKvw6zmCnOZjbOPCu)"
    R"(QrWTepUR_Xg1TieY8xetioJ22TDyJaaISSGNsV79c2aw-2scO0mCCZvJEMm9_jlt89Jq4FDowim4jJe0IcV5p__S)"
    R"(b3Ld50qQe30Mu5R-18lbDcnYf0J8xBIMCwcWxYNbSf3oc-vyS3U1WWWp0oX3zgf75FnU1smrSjOTOLH6KjmJqYM2)"
    R"(qa3qQ_h2CvQ-CM4k3waRujgYYAv90SbSKhsyWptyHKZzKXlYp-5e5bqecMfllXa8LG_XynQWTySVD_9bTasT059c)"
    R"(UPg)";

}  // namespace tollgate::test
